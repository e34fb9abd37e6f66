// What the shared chapters of the standard library ask of clang, for NVRTC, whose C++ has no such builtins.
#pragma once

namespace softmetal::nvrtc {

template <class T>
struct Type {
  using type = T;
};
template <class A, class B>
constexpr bool is_same = false;
template <class T>
constexpr bool is_same<T, T> = true;

template <class T>
struct RemoveConst : Type<T> {};
template <class T>
struct RemoveConst<const T> : Type<T> {};
template <class T>
struct RemoveVolatile : Type<T> {};
template <class T>
struct RemoveVolatile<volatile T> : Type<T> {};
template <class T>
struct RemoveCv : RemoveConst<typename RemoveVolatile<T>::type> {};
template <class T>
struct RemoveReference : Type<T> {};
template <class T>
struct RemoveReference<T&> : Type<T> {};
template <class T>
struct RemoveReference<T&&> : Type<T> {};
template <class T>
struct RemoveCvref : RemoveCv<typename RemoveReference<T>::type> {};

template <class T>
struct PointerTarget : Type<T> {
  static constexpr bool is_pointer = false;
};
template <class T>
struct PointerTarget<T*> : Type<T> {
  static constexpr bool is_pointer = true;
};
template <class T>
struct RemovePointer : Type<typename PointerTarget<typename RemoveCv<T>::type>::type> {};
template <class T>
constexpr bool is_pointer = PointerTarget<typename RemoveCv<T>::type>::is_pointer;

template <class T>
struct Array : Type<T> {
  using all_removed = T;
  static constexpr bool is_array = false;
  static constexpr unsigned long rank = 0;
  static constexpr unsigned long extent(unsigned) { return 0; }
};
template <class T>
struct Array<T[]> : Type<T> {
  using all_removed = typename Array<T>::all_removed;
  static constexpr bool is_array = true;
  static constexpr unsigned long rank = 1 + Array<T>::rank;
  static constexpr unsigned long extent(unsigned i) { return i == 0 ? 0 : Array<T>::extent(i - 1); }
};
template <class T, unsigned long N>
struct Array<T[N]> : Type<T> {
  using all_removed = typename Array<T>::all_removed;
  static constexpr bool is_array = true;
  static constexpr unsigned long rank = 1 + Array<T>::rank;
  static constexpr unsigned long extent(unsigned i) { return i == 0 ? N : Array<T>::extent(i - 1); }
};

template <class T, class = void>
struct AddReference {
  using lvalue = T;
  using rvalue = T;
};
template <class T>
struct AddReference<T, decltype(static_cast<void (*)(T&)>(nullptr), void())> {
  using lvalue = T&;
  using rvalue = T&&;
};

// void, a function and what else cannot be passed by value have no other use of these.
template <class T>
constexpr bool is_reference = false;
template <class T>
constexpr bool is_reference<T&> = true;
template <class T>
constexpr bool is_reference<T&&> = true;
template <class T>
constexpr bool is_lvalue_reference = false;
template <class T>
constexpr bool is_lvalue_reference<T&> = true;
template <class T>
constexpr bool is_const = false;
template <class T>
constexpr bool is_const<const T> = true;
template <class T>
constexpr bool is_volatile = false;
template <class T>
constexpr bool is_volatile<volatile T> = true;
// Only functions and references cannot be const.
template <class T>
constexpr bool is_function = !is_const<const T> && !is_reference<T>;

// An integer's two types: of the size, for enumerations too.
template <unsigned long Bytes>
struct Integers;
template <>
struct Integers<1> {
  using of_unsigned = unsigned char;
  using of_signed = signed char;
};
template <>
struct Integers<2> {
  using of_unsigned = unsigned short;
  using of_signed = short;
};
template <>
struct Integers<4> {
  using of_unsigned = unsigned int;
  using of_signed = int;
};
template <>
struct Integers<8> {
  using of_unsigned = unsigned long;
  using of_signed = long;
};

template <class T>
constexpr bool is_unqualified_integral = false;
#define SOFTMETAL_INTEGRAL(T) \
  template <>                 \
  constexpr bool is_unqualified_integral<T> = true;
SOFTMETAL_INTEGRAL(bool)
SOFTMETAL_INTEGRAL(char)
SOFTMETAL_INTEGRAL(signed char)
SOFTMETAL_INTEGRAL(unsigned char)
SOFTMETAL_INTEGRAL(short)
SOFTMETAL_INTEGRAL(unsigned short)
SOFTMETAL_INTEGRAL(int)
SOFTMETAL_INTEGRAL(unsigned int)
SOFTMETAL_INTEGRAL(long)
SOFTMETAL_INTEGRAL(unsigned long)
SOFTMETAL_INTEGRAL(long long)
SOFTMETAL_INTEGRAL(unsigned long long)
SOFTMETAL_INTEGRAL(wchar_t)
SOFTMETAL_INTEGRAL(char16_t)
SOFTMETAL_INTEGRAL(char32_t)
#undef SOFTMETAL_INTEGRAL
template <class T>
constexpr bool is_integral = is_unqualified_integral<typename RemoveCv<T>::type>;

template <class T, bool = is_integral<T>>
constexpr bool is_signed = false;
template <class T>
constexpr bool is_signed<T, true> = T(-1) < T(0);
template <class T, bool = is_integral<T>>
constexpr bool is_unsigned = false;
template <class T>
constexpr bool is_unsigned<T, true> = !(T(-1) < T(0));

template <class T>
struct Decay
    : Type<typename RemoveCv<typename Array<typename RemoveReference<T>::type>::type>::type> {};

// Constant expressions cannot call what is one instruction otherwise.
constexpr int clz(unsigned long x) {
  if (__builtin_is_constant_evaluated()) {
    int zeros = 64;
    for (; x != 0; x >>= 1) {
      --zeros;
    }
    return zeros;
  }
  return __clzll(static_cast<long long>(x));
}
constexpr int ctz(unsigned long x) {
  if (__builtin_is_constant_evaluated()) {
    int zeros = 0;
    for (; (x & 1) == 0; x >>= 1) {
      ++zeros;
    }
    return zeros;
  }
  return __ffsll(static_cast<long long>(x)) - 1;
}
constexpr int popcount(unsigned long x) {
  if (__builtin_is_constant_evaluated()) {
    int ones = 0;
    for (; x != 0; x &= x - 1) {
      ++ones;
    }
    return ones;
  }
  return __popcll(x);
}
constexpr unsigned long reverse_bits(unsigned long x) {
  if (__builtin_is_constant_evaluated()) {
    unsigned long reversed = 0;
    for (int i = 0; i < 64; ++i) {
      reversed |= (x >> i & 1) << (63 - i);
    }
    return reversed;
  }
  return __brevll(x);
}

inline bool is_finite(float x) { return ::isfinite(x); }
inline bool is_inf(float x) { return ::isinf(x); }
inline bool is_nan(float x) { return ::isnan(x); }
inline bool sign_bit(float x) { return ::signbit(x); }
inline double greater(double x, double y) { return ::fmax(x, y); }
inline double less(double x, double y) { return ::fmin(x, y); }
inline double round_to_even(double x) { return ::rint(x); }
inline bool is_normal(float x) {
  const unsigned exponent = __float_as_uint(x) & 0x7f800000;
  return exponent != 0 && exponent != 0x7f800000;
}

}  // namespace softmetal::nvrtc

#define __is_same(...) (::softmetal::nvrtc::is_same<__VA_ARGS__>)
#define __is_convertible(...) __is_convertible_to(__VA_ARGS__)
#define __is_integral(...) (::softmetal::nvrtc::is_integral<__VA_ARGS__>)
#define __is_signed(...) (::softmetal::nvrtc::is_signed<__VA_ARGS__>)
#define __is_unsigned(...) (::softmetal::nvrtc::is_unsigned<__VA_ARGS__>)
#define __is_void(...) (::softmetal::nvrtc::is_same<__remove_cv(__VA_ARGS__), void>)
#define __is_nullptr(...) (::softmetal::nvrtc::is_same<__remove_cv(__VA_ARGS__), decltype(nullptr)>)
#define __is_pointer(...) (::softmetal::nvrtc::is_pointer<__VA_ARGS__>)
#define __is_reference(...) (::softmetal::nvrtc::is_reference<__VA_ARGS__>)
#define __is_lvalue_reference(...) (::softmetal::nvrtc::is_lvalue_reference<__VA_ARGS__>)
#define __is_rvalue_reference(...) \
  (::softmetal::nvrtc::is_reference<__VA_ARGS__> && !::softmetal::nvrtc::is_lvalue_reference<__VA_ARGS__>)
#define __is_array(...) (::softmetal::nvrtc::Array<__VA_ARGS__>::is_array)
#define __is_function(...) (::softmetal::nvrtc::is_function<__VA_ARGS__>)
#define __is_object(...)                                                       \
  (!::softmetal::nvrtc::is_function<__VA_ARGS__> && !__is_void(__VA_ARGS__) && \
   !::softmetal::nvrtc::is_reference<__VA_ARGS__>)
#define __is_const(...) (::softmetal::nvrtc::is_const<__VA_ARGS__>)
#define __is_volatile(...) (::softmetal::nvrtc::is_volatile<__VA_ARGS__>)
#define __remove_const(...) typename ::softmetal::nvrtc::RemoveConst<__VA_ARGS__>::type
#define __remove_volatile(...) typename ::softmetal::nvrtc::RemoveVolatile<__VA_ARGS__>::type
#define __remove_cv(...) typename ::softmetal::nvrtc::RemoveCv<__VA_ARGS__>::type
#define __remove_reference_t(...) typename ::softmetal::nvrtc::RemoveReference<__VA_ARGS__>::type
#define __remove_cvref(...) typename ::softmetal::nvrtc::RemoveCvref<__VA_ARGS__>::type
#define __remove_pointer(...) typename ::softmetal::nvrtc::RemovePointer<__VA_ARGS__>::type
#define __remove_extent(...) typename ::softmetal::nvrtc::Array<__VA_ARGS__>::type
#define __remove_all_extents(...) typename ::softmetal::nvrtc::Array<__VA_ARGS__>::all_removed
#define __add_pointer(...) typename ::softmetal::nvrtc::RemoveReference<__VA_ARGS__>::type*
#define __add_lvalue_reference(...) typename ::softmetal::nvrtc::AddReference<__VA_ARGS__>::lvalue
#define __add_rvalue_reference(...) typename ::softmetal::nvrtc::AddReference<__VA_ARGS__>::rvalue
#define __make_signed(...) typename ::softmetal::nvrtc::Integers<sizeof(__VA_ARGS__)>::of_signed
#define __make_unsigned(...) typename ::softmetal::nvrtc::Integers<sizeof(__VA_ARGS__)>::of_unsigned
#define __decay(...) typename ::softmetal::nvrtc::Decay<__VA_ARGS__>::type
#define __array_rank(...) (::softmetal::nvrtc::Array<__VA_ARGS__>::rank)
#define __array_extent(T, dimension) (::softmetal::nvrtc::Array<T>::extent(dimension))

#define __builtin_huge_valf() __builtin_bit_cast(float, 0x7f800000)
#define __builtin_huge_val() __builtin_bit_cast(double, 0x7ff0000000000000)
#define __builtin_nanf(text) __builtin_bit_cast(float, 0x7fc00000)
#define __builtin_nansf(text) __builtin_bit_cast(float, 0x7fa00000)

#define __builtin_trap() __trap()
#define __builtin_clzl(x) (::softmetal::nvrtc::clz(x))
#define __builtin_ctzl(x) (::softmetal::nvrtc::ctz(x))
#define __builtin_popcountl(x) (::softmetal::nvrtc::popcount(x))
#define __builtin_bitreverse64(x) (::softmetal::nvrtc::reverse_bits(x))
#define __builtin_isfinite(x) ::softmetal::nvrtc::is_finite(x)
#define __builtin_isinf(x) ::softmetal::nvrtc::is_inf(x)
#define __builtin_isnan(x) ::softmetal::nvrtc::is_nan(x)
#define __builtin_isnormal(x) ::softmetal::nvrtc::is_normal(x)
#define __builtin_signbit(x) ::softmetal::nvrtc::sign_bit(x)
#define __builtin_fmax ::softmetal::nvrtc::greater
#define __builtin_fmin ::softmetal::nvrtc::less
#define __builtin_rint ::softmetal::nvrtc::round_to_even
#define __builtin_rsqrtf ::rsqrtf
#define __builtin_acosf ::acosf
#define __builtin_acoshf ::acoshf
#define __builtin_asinf ::asinf
#define __builtin_asinhf ::asinhf
#define __builtin_atan2f ::atan2f
#define __builtin_atanf ::atanf
#define __builtin_atanhf ::atanhf
#define __builtin_ceilf ::ceilf
#define __builtin_copysignf ::copysignf
#define __builtin_cosf ::cosf
#define __builtin_coshf ::coshf
#define __builtin_exp2f ::exp2f
#define __builtin_expf ::expf
#define __builtin_fabsf ::fabsf
#define __builtin_fdimf ::fdimf
#define __builtin_floorf ::floorf
#define __builtin_fmaf ::fmaf
#define __builtin_fmaxf ::fmaxf
#define __builtin_fminf ::fminf
#define __builtin_fmodf ::fmodf
#define __builtin_frexpf ::frexpf
#define __builtin_ilogbf ::ilogbf
#define __builtin_ldexpf ::ldexpf
#define __builtin_log10f ::log10f
#define __builtin_log2f ::log2f
#define __builtin_logf ::logf
#define __builtin_modff ::modff
#define __builtin_nextafterf ::nextafterf
#define __builtin_powf ::powf
#define __builtin_rintf ::rintf
#define __builtin_roundf ::roundf
#define __builtin_sinf ::sinf
#define __builtin_sinhf ::sinhf
#define __builtin_sqrtf ::sqrtf
#define __builtin_tanf ::tanf
#define __builtin_tanhf ::tanhf
#define __builtin_truncf ::truncf

// binary16 is a class here: softmetal/half.h.
namespace metal {
struct half_float;
}
#define _Float16 half_float
