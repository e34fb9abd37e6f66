// The operators of vectors, elementwise. They are friends of a base that vectors and packed vectors share, so that each
// exists once and a scalar or packed operand converts to the vector. Arithmetic on packed vectors gives plain ones.
#pragma once

namespace metal {
template <class T, int N>
struct vec;
template <class T, int N>
struct packed_vec;
}  // namespace metal

namespace softmetal {

// The vector whose component i is `expression`.
#define SOFTMETAL_EACH(T, expression)   \
  {                                     \
    ::metal::vec<T, N> result = {T()};  \
    for (int i = 0; i < N; ++i) {       \
      result[i] = T(expression);        \
    }                                   \
    return result;                      \
  }
#define SOFTMETAL_OPERATOR(op, expression)                                \
  friend constexpr Vector operator op(const Vector& a, const Vector& b)   \
      SOFTMETAL_EACH(T, expression)                                       \
  friend constexpr Vector& operator op##=(Vector& a, const Vector& b) {   \
    return a = a op b;                                                    \
  }                                                                       \
  friend constexpr Packed& operator op##=(Packed& a, const Vector& b) {   \
    return a = a op b;                                                    \
  }
#define SOFTMETAL_BINARY(op) SOFTMETAL_OPERATOR(op, a[i] op b[i])
#define SOFTMETAL_COMPARE(op)                                                            \
  friend constexpr ::metal::vec<bool, N> operator op(const Vector& a, const Vector& b)   \
      SOFTMETAL_EACH(bool, a[i] op b[i])

template <class T, int N>
struct VectorOperators {
 private:
  using Vector = metal::vec<T, N>;
  using Packed = metal::packed_vec<T, N>;

  SOFTMETAL_BINARY(+)
  SOFTMETAL_BINARY(-)
  SOFTMETAL_BINARY(*)
  SOFTMETAL_BINARY(/)
  SOFTMETAL_BINARY(%)
  SOFTMETAL_BINARY(&)
  SOFTMETAL_BINARY(|)
  SOFTMETAL_BINARY(^)
  // By the lowest bits of the distance, as many as MSL says.
  SOFTMETAL_OPERATOR(<<, a[i] << (b[i] & T(sizeof(T) * 8 - 1)))
  SOFTMETAL_OPERATOR(>>, a[i] >> (b[i] & T(sizeof(T) * 8 - 1)))
  SOFTMETAL_COMPARE(==)
  SOFTMETAL_COMPARE(!=)
  SOFTMETAL_COMPARE(<)
  SOFTMETAL_COMPARE(<=)
  SOFTMETAL_COMPARE(>)
  SOFTMETAL_COMPARE(>=)
  SOFTMETAL_COMPARE(&&)
  SOFTMETAL_COMPARE(||)
  friend constexpr Vector operator+(const Vector& a) { return a; }
  friend constexpr Vector operator-(const Vector& a) SOFTMETAL_EACH(T, -a[i])
  friend constexpr Vector operator~(const Vector& a) SOFTMETAL_EACH(T, ~a[i])
  friend constexpr metal::vec<bool, N> operator!(const Vector& a) SOFTMETAL_EACH(bool, !a[i])
  friend constexpr Vector& operator++(Vector& a) { return a += Vector(T(1)); }
  friend constexpr Vector& operator--(Vector& a) { return a -= Vector(T(1)); }
  friend constexpr Vector operator++(Vector& a, int) {
    const Vector before = a;
    ++a;
    return before;
  }
  friend constexpr Vector operator--(Vector& a, int) {
    const Vector before = a;
    --a;
    return before;
  }
};

#undef SOFTMETAL_EACH
#undef SOFTMETAL_OPERATOR
#undef SOFTMETAL_BINARY
#undef SOFTMETAL_COMPARE

}  // namespace softmetal
