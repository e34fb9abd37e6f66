// The atomics without an order, as MSL for iOS has them. Included in namespace metal by the targets' own <metal_atomic>.
#define SOFTMETAL_UNORDERED(name)                                                          \
  template <class T>                                                                       \
  inline T name(volatile _atomic<T>* object, softmetal::Exactly<T> operand) {              \
    return name##_explicit(object, operand, memory_order_seq_cst);                         \
  }
SOFTMETAL_UNORDERED(atomic_exchange)
SOFTMETAL_UNORDERED(atomic_fetch_add)
SOFTMETAL_UNORDERED(atomic_fetch_sub)
SOFTMETAL_UNORDERED(atomic_fetch_and)
SOFTMETAL_UNORDERED(atomic_fetch_or)
SOFTMETAL_UNORDERED(atomic_fetch_xor)
SOFTMETAL_UNORDERED(atomic_fetch_min)
SOFTMETAL_UNORDERED(atomic_fetch_max)
#undef SOFTMETAL_UNORDERED
template <class T>
inline T atomic_load(const volatile _atomic<T>* object) {
  return atomic_load_explicit(object, memory_order_seq_cst);
}
template <class T>
inline void atomic_store(volatile _atomic<T>* object, softmetal::Exactly<T> desired) {
  atomic_store_explicit(object, desired, memory_order_seq_cst);
}
template <class T>
inline bool atomic_compare_exchange_weak(volatile _atomic<T>* object,
                                         softmetal::Exactly<T>* expected,
                                         softmetal::Exactly<T> desired) {
  return atomic_compare_exchange_weak_explicit(
      object, expected, desired, memory_order_seq_cst, memory_order_seq_cst);
}
