// Fixed-point fields of a word, as packed colours have them: conversions as in the Metal specification's section 8.7.
#pragma once

#include <metal_vector>

namespace softmetal {

constexpr unsigned low_bits(int count) { return count == 32 ? ~0u : (1u << count) - 1; }

// A field of `Bits` bits as a number in [0, 1], or in [-1, 1] where both least fields mean -1.
template <bool Signed, int Bits>
constexpr float from_normalized(unsigned field) {
  if constexpr (Signed) {
    const int value = int(field << (32 - Bits)) >> (32 - Bits);
    const float quotient = float(value) / float(low_bits(Bits - 1));
    return quotient < -1 ? -1.0f : quotient;
  } else {
    return float(field & low_bits(Bits)) / float(low_bits(Bits));
  }
}
// The nearest field, ties to even; 0 of a NaN. The product is exact in double.
template <bool Signed, int Bits>
inline unsigned to_normalized(float x) {
  constexpr float kMost = float(low_bits(Signed ? Bits - 1 : Bits));
  const double scaled = __builtin_fmin(__builtin_fmax(double(x), Signed ? -1.0f : 0.0f), 1.0f) * kMost;
  return x == x ? unsigned(int(__builtin_rint(scaled))) & low_bits(Bits) : 0;
}

inline float from_srgb(float c) {
  return c <= 0.04045f ? c / 12.92f : __builtin_powf((c + 0.055f) / 1.055f, 2.4f);
}
inline float to_srgb(float c) {
  c = __builtin_fminf(__builtin_fmaxf(c, 0.0f), 1.0f);
  return c < 0.0031308f ? 12.92f * c : 1.055f * __builtin_powf(c, 1 / 2.4f) - 0.055f;
}
// The colours of a vector; its fourth component stays.
template <class V>
inline V colours(V v, float (*convert)(float)) {
  for (int i = 0; i < 3; ++i) {
    v[i] = typename V::softmetal_scalar(convert(float(v[i])));
  }
  return v;
}

// Fields one after the other from the lowest bit on, the first component's first.
template <bool Signed, int... Bits>
struct Fields {
  template <class V>
  static constexpr V unpack(unsigned word) {
    using T = typename V::softmetal_scalar;
    V v = V(T());
    int i = 0, at = 0;
    ((v[i++] = T(from_normalized<Signed, Bits>(word >> at)), at += Bits), ...);
    return v;
  }
  template <class V>
  static unsigned pack(V v) {
    unsigned word = 0;
    int i = 0, at = 0;
    ((word |= to_normalized<Signed, Bits>(float(v[i++])) << at, at += Bits), ...);
    return word;
  }
};

}  // namespace softmetal
