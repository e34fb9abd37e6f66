#include "ingot/reduce.h"

// Values are compared by keys: unsigned words in the same order, with NaN above all and -0 equal to
// +0. Comparing words needs no care for what a compiler assumes about NaN.
inline uint order_key(float x) {
  const uint bits = as_type<uint>(x);
  if ((bits & 0x7fffffff) > 0x7f800000) {
    return 0xffffffff;
  }
  if (bits == 0x80000000) {
    return 0x80000000;  // -0, as +0
  }
  return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
}
inline uint order_key(half x) {
  return order_key(float(x));
}
inline uint order_key(bfloat x) {
  return order_key(float(x));
}
inline uint order_key(int x) {
  return uint(x) ^ 0x80000000;
}
inline uint order_key(uint x) {
  return x;
}

struct Candidate {
  uint key;
  uint index;
};

inline Candidate shuffle_xor(Candidate c, ushort mask) {
  return {metal::simd_shuffle_xor(c.key, mask), metal::simd_shuffle_xor(c.index, mask)};
}

template <class T>
struct Argmax {
  using Input = T;
  using Partial = Candidate;
  using Output = long;
  static Candidate identity() { return {0, 0xffffffff}; }
  static Candidate load(T x, uint i) { return {order_key(x), i}; }
  static Candidate combine(Candidate a, Candidate b) {
    const bool second = b.key > a.key || (b.key == a.key && b.index < a.index);
    return {second ? b.key : a.key, second ? b.index : a.index};
  }
  static long finish(Candidate c, ulong) { return c.index; }
};

INGOT_REDUCTION("reduce_argmax_f32", Argmax<float>)
INGOT_REDUCTION("reduce_argmax_f16", Argmax<half>)
INGOT_REDUCTION("reduce_argmax_bf16", Argmax<bfloat>)
INGOT_REDUCTION("reduce_argmax_i32", Argmax<int>)
INGOT_REDUCTION("reduce_argmax_u32", Argmax<uint>)
