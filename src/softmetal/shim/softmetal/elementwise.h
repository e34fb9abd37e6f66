// How functions of scalars become functions of vectors.
//
// As MSL's overloads do, a vector function takes plain and packed vectors and, beside at least one of them, scalars that
// convert to the vector's type. FloatVector<A...>, IntegerVector<A...> and AnyVector<A...> name the vector type for such
// arguments, and are no type (so that the function is no candidate) when there is none.
#pragma once

#include <metal_vector>

namespace softmetal {

template <class T>
constexpr bool is_float = metal::is_floating_point_v<T>;
template <class T>
constexpr bool is_integer = __is_integral(T) && !__is_same(T, bool);

// The first vector among the arguments.
template <class... A>
struct FirstVector {};
template <class A, class... Rest>
struct FirstVector<A, Rest...> : FirstVector<Rest...> {};
template <class T, int N, class... Rest>
struct FirstVector<metal::vec<T, N>, Rest...> {
  using type = metal::vec<T, N>;
  using scalar = T;
};
template <class T, int N, class... Rest>
struct FirstVector<metal::packed_vec<T, N>, Rest...> : FirstVector<metal::vec<T, N>> {};

template <class... A>
using AnyVector =
    typename OnlyIf<(__is_convertible(A, typename FirstVector<A...>::type) && ...),
                    typename FirstVector<A...>::type>::type;
template <class... A>
using FloatVector =
    typename OnlyIf<is_float<typename FirstVector<A...>::scalar>, AnyVector<A...>>::type;
template <class... A>
using IntegerVector =
    typename OnlyIf<is_integer<typename FirstVector<A...>::scalar>, AnyVector<A...>>::type;

// What scalars of different types become beside each other, one of them floating-point: half where there is no other.
template <class T>
constexpr bool is_half = __is_same(T, metal::half);
template <class A, class... B>
using MixedFloat = typename OnlyIf<
    (metal::is_arithmetic_v<A> && ... && metal::is_arithmetic_v<B>) &&
        (is_float<A> || ... || is_float<B>) && !(__is_same(A, B) && ...),
    metal::conditional_t<((is_float<A> && !is_half<A>) || ... || (is_float<B> && !is_half<B>)),
                         float,
                         metal::half>>::type;

// A vector with the scalars of another type.
template <class V, class T>
struct WithScalar;
template <class U, int N, class T>
struct WithScalar<metal::vec<U, N>, T> {
  using type = metal::vec<T, N>;
};
template <class V>
using BoolVector = typename WithScalar<V, bool>::type;

}  // namespace softmetal

// The components of a Result, each from those at i of the vectors that the arguments become.
#define SOFTMETAL_EACH(Result, expression)                             \
  Result result = Result(typename Result::softmetal_scalar());         \
  for (int i = 0; i < softmetal::component_count<Result>; ++i) {       \
    result[i] = typename Result::softmetal_scalar(expression);         \
  }                                                                    \
  return result;

// Functions of one, two or three vectors, of those of scalars with the same name.
#define SOFTMETAL_VECTORS1(Vector, name)                      \
  template <class A>                                          \
  constexpr softmetal::Vector<A> name(A x) {                  \
    using V = softmetal::Vector<A>;                           \
    const V a = x;                                            \
    SOFTMETAL_EACH(V, name(a[i]))                             \
  }
#define SOFTMETAL_VECTORS2(Vector, name)                      \
  template <class A, class B>                                 \
  constexpr softmetal::Vector<A, B> name(A x, B y) {          \
    using V = softmetal::Vector<A, B>;                        \
    const V a = x, b = y;                                     \
    SOFTMETAL_EACH(V, name(a[i], b[i]))                       \
  }
#define SOFTMETAL_VECTORS3(Vector, name)                      \
  template <class A, class B, class C>                        \
  constexpr softmetal::Vector<A, B, C> name(A x, B y, C z) {  \
    using V = softmetal::Vector<A, B, C>;                     \
    const V a = x, b = y, c = z;                              \
    SOFTMETAL_EACH(V, name(a[i], b[i], c[i]))                 \
  }

// A function of floats, and from it those of halves and vectors; in metal, metal::fast and metal::precise, and under the
// name that Metal's own headers call the compiler by.
#define SOFTMETAL_IN_BOTH_MODES(name) \
  namespace fast {                    \
  using metal::name;                  \
  }                                   \
  namespace precise {                 \
  using metal::name;                  \
  }
#define SOFTMETAL_FLOAT1(name, expression)                               \
  inline float name(float x) { return expression; }                      \
  inline half name(half x) { return half(name(float(x))); }              \
  inline float __metal_##name(float x, bool) { return name(x); }         \
  SOFTMETAL_VECTORS1(FloatVector, name)                                  \
  SOFTMETAL_IN_BOTH_MODES(name)
#define SOFTMETAL_FLOAT2(name, expression)                                        \
  inline float name(float x, float y) { return expression; }                      \
  inline half name(half x, half y) { return half(name(float(x), float(y))); }     \
  inline float __metal_##name(float x, float y, bool) { return name(x, y); }      \
  template <class A, class B, class T = softmetal::MixedFloat<A, B>>              \
  inline T name(A x, B y) {                                                       \
    return name(T(x), T(y));                                                      \
  }                                                                               \
  SOFTMETAL_VECTORS2(FloatVector, name)                                           \
  SOFTMETAL_IN_BOTH_MODES(name)
#define SOFTMETAL_FLOAT3(name, expression)                                                  \
  inline float name(float x, float y, float z) { return expression; }                       \
  inline half name(half x, half y, half z) {                                                \
    return half(name(float(x), float(y), float(z)));                                        \
  }                                                                                         \
  inline float __metal_##name(float x, float y, float z, bool) { return name(x, y, z); }    \
  template <class A, class B, class C, class T = softmetal::MixedFloat<A, B, C>>            \
  inline T name(A x, B y, C z) {                                                            \
    return name(T(x), T(y), T(z));                                                          \
  }                                                                                         \
  SOFTMETAL_VECTORS3(FloatVector, name)                                                     \
  SOFTMETAL_IN_BOTH_MODES(name)
