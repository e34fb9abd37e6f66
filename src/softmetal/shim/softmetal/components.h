// What vectors and packed vectors of N scalars have in common: the components, their swizzles and the constructors.
#pragma once

#include <metal_type_traits>
#include <softmetal/swizzles.h>

#include "softmetal/vector_operators.h"

namespace softmetal {

// The scalars by name. Not an array, so that a constant expression and the optimiser see each for itself; indexing goes
// by address, or by name where there is no address.
template <class T, int N>
struct Components;

template <class T>
struct Components<T, 2> : VectorOperators<T, 2> {
  union {
    T x, r;
  };
  union {
    T y, g;
  };

  Components() = default;
  constexpr Components(T s) : x(s), y(s) {}
  constexpr T& at(int i) { return i == 0 ? x : y; }
  constexpr const T& at(int i) const { return i == 0 ? x : y; }
  SOFTMETAL_SWIZZLES(2)
};

template <class T>
struct Components<T, 3> : VectorOperators<T, 3> {
  union {
    T x, r;
  };
  union {
    T y, g;
  };
  union {
    T z, b;
  };

  Components() = default;
  constexpr Components(T s) : x(s), y(s), z(s) {}
  constexpr T& at(int i) { return i == 0 ? x : i == 1 ? y : z; }
  constexpr const T& at(int i) const { return i == 0 ? x : i == 1 ? y : z; }
  SOFTMETAL_SWIZZLES(3)
};

template <class T>
struct Components<T, 4> : VectorOperators<T, 4> {
  union {
    T x, r;
  };
  union {
    T y, g;
  };
  union {
    T z, b;
  };
  union {
    T w, a;
  };

  Components() = default;
  constexpr Components(T s) : x(s), y(s), z(s), w(s) {}
  constexpr T& at(int i) { return i == 0 ? x : i == 1 ? y : i == 2 ? z : w; }
  constexpr const T& at(int i) const { return i == 0 ? x : i == 1 ? y : i == 2 ? z : w; }
  SOFTMETAL_SWIZZLES(4)
};

// How many components a constructor's argument brings.
template <class T>
constexpr int component_count = 1;
template <class T, int N>
constexpr int component_count<metal::vec<T, N>> = N;
template <class T, int N>
constexpr int component_count<metal::packed_vec<T, N>> = N;

template <class T, int N, class V>
constexpr bool is_vector_of =
    is_but_for_cv<V, metal::vec<T, N>> || is_but_for_cv<V, metal::packed_vec<T, N>>;

// Writes the components of `from` to `to`, from place `i` on, which moves on behind them.
template <class To, class T>
constexpr void append(To& to, int& i, T from) {
  using Scalar = typename To::softmetal_scalar;
  if constexpr (component_count<T> == 1) {
    to[i++] = Scalar(from);
  } else {
    for (int k = 0; k < component_count<T>; ++k) {
      to[i++] = Scalar(from[k]);
    }
  }
}

template <class T, int N>
struct VectorData : Components<T, N> {
  using softmetal_scalar = T;

  VectorData() = default;
  // A scalar fills all components: one of any type where the vector's type is named, else one that converts to T.
  constexpr VectorData(T s) : Components<T, N>(s) {}
  template <class U, EnableIf<metal::is_scalar_v<U> && __is_convertible(U, T)> = 0>
  constexpr VectorData(U s) : Components<T, N>(T(s)) {}
  template <class U, EnableIf<metal::is_scalar_v<U> && !__is_convertible(U, T)> = 0>
  constexpr explicit VectorData(U s) : Components<T, N>(T(s)) {}
  template <class U>
  constexpr explicit VectorData(const metal::vec<U, N>& v) : Components<T, N>(T()) {
    int i = 0;
    append(*this, i, v);
  }
  template <class U>
  constexpr explicit VectorData(const metal::packed_vec<U, N>& v) : Components<T, N>(T()) {
    int i = 0;
    append(*this, i, v);
  }
  // Scalars and vectors laid end to end.
  template <class... A,
            EnableIf<(sizeof...(A) > 1) && (component_count<A> + ... + 0) == N> = 0>
  constexpr VectorData(A... parts) : Components<T, N>(T()) {
    int i = 0;
    (append(*this, i, parts), ...);
  }

  // Not of a temporary: an element of a swizzle cannot be assigned to.
  constexpr T& operator[](int i) & {
    return __builtin_is_constant_evaluated() ? this->at(i) : (&this->x)[i];
  }
  constexpr const T& operator[](int i) const& {
    return __builtin_is_constant_evaluated() ? this->at(i) : (&this->x)[i];
  }
};

}  // namespace softmetal
