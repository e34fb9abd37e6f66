// half: binary16, of which NVRTC has no type. A class that behaves as MSL's scalar does: it converts to and from the other
// arithmetic types by itself; beside a float it gives a float, beside an integer or a half a half.
//
// What a class cannot do: `condition ? h : 1.0f` has no type, since each converts to the other; write 1.0h or float(h).
#pragma once

#include <softmetal/bfloat.h>

namespace metal {
struct half_float;
}

namespace softmetal {

constexpr unsigned short half_bits_of(float value) {
  if (__builtin_is_constant_evaluated()) {
    const unsigned word = __builtin_bit_cast(unsigned, value);
    const unsigned sign = word >> 16 & 0x8000;
    const unsigned magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return sign | 0x7e00;
    }
    if (magnitude >= 0x477ff000) {  // rounds to 65536 or more
      return sign | 0x7c00;
    }
    // A subnormal half counts units of 2^-24; adding to 2^23 units of them rounds to even.
    if (magnitude < 0x38800000) {
      const float counted = __builtin_bit_cast(float, magnitude) + 0.5f;
      return sign | (__builtin_bit_cast(unsigned, counted) - 0x3f000000);
    }
    return sign | ((magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13);
  }
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}

constexpr float float_of_half_bits(unsigned short bits) {
  if (__builtin_is_constant_evaluated()) {
    const unsigned sign = (bits & 0x8000u) << 16;
    const unsigned exponent = bits >> 10 & 31;
    const unsigned fraction = bits & 0x3ff;
    if (exponent == 0) {
      const float magnitude = float(fraction) * 0x1p-24f;
      return sign != 0 ? -magnitude : magnitude;
    }
    return __builtin_bit_cast(
        float, sign | (exponent == 31 ? 0x7f800000 : (exponent + 112) << 23) | fraction << 13);
  }
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}

#define SOFTMETAL_HALF_INSTRUCTION(name, op)                                          \
  constexpr unsigned short name(unsigned short a, unsigned short b) {                 \
    if (__builtin_is_constant_evaluated()) {                                          \
      return half_bits_of(float_of_half_bits(a) op float_of_half_bits(b));            \
    }                                                                                 \
    unsigned short result;                                                            \
    asm(#name ".rn.f16 %0, %1, %2;" : "=h"(result) : "h"(a), "h"(b));                 \
    return result;                                                                    \
  }
namespace half_instruction {
SOFTMETAL_HALF_INSTRUCTION(add, +)
SOFTMETAL_HALF_INSTRUCTION(sub, -)
SOFTMETAL_HALF_INSTRUCTION(mul, *)
// A float quotient of halves rounds to the same half as the exact one.
constexpr unsigned short div(unsigned short a, unsigned short b) {
  return half_bits_of(float_of_half_bits(a) / float_of_half_bits(b));
}
}  // namespace half_instruction
#undef SOFTMETAL_HALF_INSTRUCTION

template <class T>
constexpr bool is_half_float = __is_same(T, metal::half_float);
// What a half gives beside a half, a float or an integer.
template <class A, class B>
using BesideHalf = typename OnlyIf<(is_half_float<A> && (is_half_float<B> || __is_integral(B))) ||
                                       (__is_integral(A) && is_half_float<B>),
                                   metal::half_float>::type;
template <class A, class B>
using HalfAndFloat = typename OnlyIf<(is_half_float<A> && __is_same(B, float)) ||
                                         (__is_same(A, float) && is_half_float<B>),
                                     float>::type;

}  // namespace softmetal

namespace metal {

// The last template parameters tell these from bfloat's operators, which are of the same namespace.
#define SOFTMETAL_FLOAT_PAIR(Result, op)                                           \
  template <class A, class B, class R = softmetal::HalfAndFloat<A, B>, long = 0>   \
  friend constexpr Result operator op(A a, B b) {                                  \
    return float(a) op float(b);                                                   \
  }
#define SOFTMETAL_ARITHMETIC(op, name)                                             \
  template <class A, class B, class R = softmetal::BesideHalf<A, B>, bool = true>  \
  friend constexpr R operator op(A a, B b) {                                       \
    return R::of_bits(softmetal::half_instruction::name(R(a).bits, R(b).bits));    \
  }                                                                                \
  SOFTMETAL_FLOAT_PAIR(R, op)                                                      \
  template <class T>                                                               \
  constexpr half_float& operator op##=(T v) {                                      \
    return *this = half_float(*this op v);                                         \
  }                                                                                \
  template <class T, softmetal::EnableIf<softmetal::is_float_or_integer<T>> = 0>   \
  friend constexpr T& operator op##=(T& a, half_float b) {                         \
    return a = T(a op b);                                                          \
  }
#define SOFTMETAL_COMPARE(op)                                                      \
  template <class A, class B, class R = softmetal::BesideHalf<A, B>, bool = true>  \
  friend constexpr bool operator op(A a, B b) {                                    \
    return float(R(a)) op float(R(b));                                             \
  }                                                                                \
  SOFTMETAL_FLOAT_PAIR(bool, op)

struct half_float {
  half_float() = default;
  template <class T, softmetal::EnableIf<__is_integral(T) || __is_same(T, float)> = 0>
  constexpr half_float(T value) : bits(softmetal::half_bits_of(float(value))) {}
  constexpr half_float(double value) : bits(softmetal::half_bits_of(float(value))) {}
  constexpr explicit half_float(bfloat value) : bits(softmetal::half_bits_of(float(value))) {}
  static constexpr half_float of_bits(unsigned short bits) {
    half_float result;
    result.bits = bits;
    return result;
  }

  // From and to volatile memory. Templates, so that the class stays trivially copyable.
  template <class T, softmetal::EnableIf<__is_same(T, half_float)> = 0>
  half_float(const volatile T& value) : bits(value.bits) {}
  template <class T, softmetal::EnableIf<softmetal::is_but_for_cv<T, half_float>> = 0>
  void operator=(const T& value) volatile {
    bits = value.bits;
  }

  // Templates, so that nothing but the type itself is meant.
  template <class T, softmetal::EnableIf<__is_same(T, float)> = 0>
  constexpr operator T() const {
    return softmetal::float_of_half_bits(bits);
  }
  template <class T, softmetal::EnableIf<__is_same(T, float)> = 0>
  operator T() const volatile {
    return softmetal::float_of_half_bits(bits);
  }
  template <class T, softmetal::EnableIf<__is_integral(T) && !__is_same(T, int)> = 0>
  constexpr operator T() const {
    return T(float(*this));
  }
  template <class T, softmetal::EnableIf<__is_same(T, int) || __is_same(T, double)> = 0>
  constexpr explicit operator T() const {
    return T(float(*this));
  }

  SOFTMETAL_ARITHMETIC(+, add)
  SOFTMETAL_ARITHMETIC(-, sub)
  SOFTMETAL_ARITHMETIC(*, mul)
  SOFTMETAL_ARITHMETIC(/, div)
  SOFTMETAL_COMPARE(==)
  SOFTMETAL_COMPARE(!=)
  SOFTMETAL_COMPARE(<)
  SOFTMETAL_COMPARE(<=)
  SOFTMETAL_COMPARE(>)
  SOFTMETAL_COMPARE(>=)
  constexpr half_float operator+() const { return *this; }
  constexpr half_float operator-() const { return of_bits(bits ^ 0x8000); }
  constexpr bool operator!() const { return (bits & 0x7fff) == 0; }
  constexpr half_float& operator++() { return *this += 1; }
  constexpr half_float& operator--() { return *this -= 1; }
  constexpr half_float operator++(int) {
    const half_float before = *this;
    ++*this;
    return before;
  }
  constexpr half_float operator--(int) {
    const half_float before = *this;
    --*this;
    return before;
  }

  unsigned short bits;
};

#undef SOFTMETAL_FLOAT_PAIR
#undef SOFTMETAL_ARITHMETIC
#undef SOFTMETAL_COMPARE

}  // namespace metal

namespace softmetal {
inline metal::half_float fma_of_halves(metal::half_float x, metal::half_float y, metal::half_float z) {
  asm("fma.rn.f16 %0, %1, %2, %0;" : "+h"(z.bits) : "h"(x.bits), "h"(y.bits));
  return z;
}
}  // namespace softmetal
#define SOFTMETAL_FMA_OF_HALVES(x, y, z) softmetal::fma_of_halves(x, y, z)
