#include "ingot/reduce.h"

// Integers add as unsigned words, so that an overflow wraps.
template <class T>
struct SumPartial {
  using type = float;
};
template <>
struct SumPartial<int> {
  using type = uint;
};
template <>
struct SumPartial<uint> {
  using type = uint;
};
template <>
struct SumPartial<long> {
  using type = ulong;
};

template <class T>
struct Sum {
  using Input = T;
  using Partial = typename SumPartial<T>::type;
  using Output = T;
  static Partial identity() { return Partial(0); }
  static Partial load(T x, uint) { return Partial(x); }
  static Partial combine(Partial a, Partial b) { return a + b; }
  static T finish(Partial sum, ulong) { return T(sum); }
};

INGOT_REDUCTION("reduce_sum_f32", Sum<float>)
INGOT_REDUCTION("reduce_sum_f16", Sum<half>)
INGOT_REDUCTION("reduce_sum_bf16", Sum<bfloat>)
INGOT_REDUCTION("reduce_sum_i32", Sum<int>)
INGOT_REDUCTION("reduce_sum_u32", Sum<uint>)
INGOT_REDUCTION("reduce_sum_i64", Sum<long>)
