// Brain floating point: the upper half of a float. Arithmetic is done in float and rounded once, to nearest, ties to even.
// A class of its own, since the compiler's __bf16 refuses conversions that MSL allows.
//
// As in MSL, it converts by itself to float and to integers, and only integers convert by themselves to it: bfloat(x) or a
// cast is asked for where a float or a half loses digits. So a bfloat beside a float gives a float, beside an integer a
// bfloat. Functions of floats take it and give a float. Literals end in bf. Unlike in MSL, int asks for a cast too: if both
// converted to the other, `c ? b : 0` would have no type.
#pragma once

namespace softmetal {

// A float that rounds to the same bfloat as the integer: of its 24 bits, the last stands for all that follow.
template <class T>
constexpr float float_for_rounding(T value) {
  const bool negative = value < T(0);
  unsigned long magnitude = negative ? 0ul - static_cast<unsigned long>(value) : value;
  const int excess = magnitude == 0 ? 0 : 64 - 24 - __builtin_clzl(magnitude);
  if (excess > 0) {
    const bool inexact = (magnitude & ((1ul << excess) - 1)) != 0;
    magnitude = (magnitude >> excess | inexact) << excess;
  }
  return negative ? -float(magnitude) : float(magnitude);
}

template <bool, class T = int>
struct OnlyIf {};
template <class T>
struct OnlyIf<true, T> {
  using type = T;
};
template <bool Condition>
using EnableIf = typename OnlyIf<Condition>::type;

// A class that converts to an integer, but not to every type that a float converts to.
struct FromFloat {
  FromFloat(float);
};
template <class T>
constexpr bool is_like_integer =
    __is_class(T) && __is_convertible(T, bool) && !__is_convertible(T, FromFloat);

template <class A, class B>
constexpr bool is_but_for_cv = __is_same(__remove_cv(A), B);

}  // namespace softmetal

namespace metal {
struct bfloat;
}

namespace softmetal {
// What a bfloat gives beside a bfloat, a float or an integer.
template <class T>
constexpr bool is_bfloat = __is_same(T, metal::bfloat);
template <class T>
constexpr bool is_float_or_integer = __is_same(T, float) || __is_integral(T);
template <class A, class B>
using BesideBfloat = typename OnlyIf<(is_bfloat<A> && (is_bfloat<B> || __is_integral(B))) ||
                                         (__is_integral(A) && is_bfloat<B>),
                                     metal::bfloat>::type;
template <class A, class B>
using BfloatAndFloat = typename OnlyIf<(is_bfloat<A> && __is_same(B, float)) ||
                                           (__is_same(A, float) && is_bfloat<B>),
                                       float>::type;

}  // namespace softmetal

namespace metal {

// The operators are found by their operands alone: functions of the namespace would hide the vectors' from swizzles. Each is
// as exact a match as those of the language, between which a bfloat's conversions could not choose.
#define SOFTMETAL_PAIR(Result, R, op)                                                \
  template <class A, class B, class R = softmetal::BesideBfloat<A, B>>               \
  friend constexpr Result operator op(A a, B b) {                                    \
    return Result(float(bfloat(a)) op float(bfloat(b)));                             \
  }                                                                                  \
  template <class A, class B, class R = softmetal::BfloatAndFloat<A, B>, int = 0>    \
  friend constexpr Result operator op(A a, B b) {                                    \
    return Result(float(a) op float(b));                                             \
  }
#define SOFTMETAL_COMPARE(op) SOFTMETAL_PAIR(bool, R, op)
#define SOFTMETAL_ARITHMETIC(op)                                                     \
  SOFTMETAL_PAIR(R, R, op)                                                           \
  template <class T>                                                                 \
  constexpr bfloat& operator op##=(T v) {                                            \
    return *this = bfloat(*this op v);                                               \
  }                                                                                  \
  template <class T, softmetal::EnableIf<softmetal::is_float_or_integer<T>> = 0>     \
  friend constexpr T& operator op##=(T& a, bfloat b) {                               \
    return a = T(a op b);                                                            \
  }

struct bfloat {
  bfloat() = default;
  template <class T, softmetal::EnableIf<__is_integral(T)> = 0>
  constexpr bfloat(T value) : bits(round(softmetal::float_for_rounding(value))) {}
  template <class T, softmetal::EnableIf<softmetal::is_like_integer<T>> = 0>
  constexpr bfloat(T value) : bits(round(float(value))) {}
  template <class T,
            softmetal::EnableIf<!__is_integral(T) && !softmetal::is_like_integer<T> &&
                                __is_convertible(T, float)> = 0>
  constexpr explicit bfloat(T value) : bits(round(float(value))) {}

  // From and to volatile memory. Templates, so that the class stays trivially copyable.
  template <class T, softmetal::EnableIf<__is_same(T, bfloat)> = 0>
  bfloat(const volatile T& value) : bits(value.bits) {}
  template <class T, softmetal::EnableIf<softmetal::is_but_for_cv<T, bfloat>> = 0>
  void operator=(const T& value) volatile {
    bits = value.bits;
  }

  // Templates, so that nothing but the type itself is meant.
  template <class T, softmetal::EnableIf<__is_same(T, float)> = 0>
  constexpr operator T() const {
    return as_type<float>(uint(bits) << 16);
  }
  template <class T, softmetal::EnableIf<__is_same(T, float)> = 0>
  operator T() const volatile {
    return as_type<float>(uint(bits) << 16);
  }
  template <class T, softmetal::EnableIf<__is_integral(T) && !__is_same(T, int)> = 0>
  constexpr operator T() const {
    return T(float(*this));
  }
  template <class T, softmetal::EnableIf<__is_same(T, int) || __is_same(T, half)> = 0>
  constexpr explicit operator T() const {
    return T(float(*this));
  }

  SOFTMETAL_ARITHMETIC(+)
  SOFTMETAL_ARITHMETIC(-)
  SOFTMETAL_ARITHMETIC(*)
  SOFTMETAL_ARITHMETIC(/)
  SOFTMETAL_COMPARE(==)
  SOFTMETAL_COMPARE(!=)
  SOFTMETAL_COMPARE(<)
  SOFTMETAL_COMPARE(<=)
  SOFTMETAL_COMPARE(>)
  SOFTMETAL_COMPARE(>=)
  constexpr bfloat operator+() const { return *this; }
  constexpr bfloat operator-() const { return as_type<bfloat>(ushort(bits ^ 0x8000)); }
  constexpr bool operator!() const { return (bits & 0x7fff) == 0; }
  constexpr bfloat& operator++() { return *this += 1; }
  constexpr bfloat& operator--() { return *this -= 1; }
  constexpr bfloat operator++(int) {
    const bfloat before = *this;
    ++*this;
    return before;
  }
  constexpr bfloat operator--(int) {
    const bfloat before = *this;
    --*this;
    return before;
  }

  ushort bits;

 private:
  static constexpr ushort round(float value) {
    const uint word = as_type<uint>(value);
    if ((word & 0x7fffffff) > 0x7f800000) {
      return ushort(word >> 16 | 0x40);  // a NaN stays one, whatever its lower half was
    }
    return ushort((word + 0x7fff + (word >> 16 & 1)) >> 16);
  }
};

#undef SOFTMETAL_PAIR
#undef SOFTMETAL_COMPARE
#undef SOFTMETAL_ARITHMETIC

}  // namespace metal

using metal::bfloat;
