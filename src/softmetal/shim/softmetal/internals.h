// Names of Metal's headers and of its compiler that some shaders use beside the documented ones, most of them functions
// behind SIMD-group functions. Those behind functions of floats are made with these, in softmetal/elementwise.h.
#pragma once

#include <metal_simdgroup_matrix>

namespace metal {

#define SOFTMETAL_ALIAS(name)                                                                \
  template <class... A>                                                                      \
  [[clang::convergent, gnu::always_inline]] inline auto __metal_##name(A... arguments) {     \
    return name(arguments...);                                                               \
  }
SOFTMETAL_ALIAS(simd_broadcast)
SOFTMETAL_ALIAS(simd_shuffle)
SOFTMETAL_ALIAS(simd_shuffle_up)
SOFTMETAL_ALIAS(simd_shuffle_down)
SOFTMETAL_ALIAS(simd_shuffle_xor)
SOFTMETAL_ALIAS(simd_shuffle_rotate_up)
SOFTMETAL_ALIAS(simd_shuffle_rotate_down)
SOFTMETAL_ALIAS(simd_shuffle_and_fill_up)
SOFTMETAL_ALIAS(simd_shuffle_and_fill_down)
SOFTMETAL_ALIAS(simd_sum)
SOFTMETAL_ALIAS(simd_product)
SOFTMETAL_ALIAS(simd_min)
SOFTMETAL_ALIAS(simd_max)
SOFTMETAL_ALIAS(simd_and)
SOFTMETAL_ALIAS(simd_or)
SOFTMETAL_ALIAS(simd_prefix_inclusive_sum)
SOFTMETAL_ALIAS(simd_prefix_exclusive_sum)
SOFTMETAL_ALIAS(simd_prefix_inclusive_product)
SOFTMETAL_ALIAS(simd_prefix_exclusive_product)
#undef SOFTMETAL_ALIAS
// Of floats too, by their bits.
[[clang::convergent, gnu::always_inline]] inline float __metal_simd_xor(float data) {
  return as_type<float>(simd_xor(as_type<uint>(data)));
}
constexpr ushort __metal_get_simdgroup_size(ushort) { return 32; }
[[gnu::always_inline]] inline ushort __metal_get_thread_index_in_simdgroup(ushort) {
  return ushort(softmetal::lane());
}

// The types that SIMD-group functions exchange.
template <class T>
struct __is_valid_simdgroup_type
    : bool_constant<is_arithmetic_v<make_scalar_t<T>> && !__is_same(make_scalar_t<T>, bool)> {};

// What a SIMD-group matrix is to the compiler: the calling lane's two elements come first.
template <class T>
struct vec<T, 64> {
  vec<T, 2> elements;
};
template <class D, class A, class B, class C>
[[clang::convergent, gnu::always_inline]] inline vec<D, 64>
__metal_simdgroup_matrix_8x8_multiply_accumulate(vec<A, 64> a, vec<B, 64> b, vec<C, 64> c, vec<D, 64>) {
  return {vec<D, 2>(softmetal::multiply_matrices(
      float2(a.elements), float2(b.elements), float2(c.elements)))};
}

// Whether one of the traits holds.
template <class... B>
struct _disjunction : bool_constant<(B::value || ...)> {};

}  // namespace metal
