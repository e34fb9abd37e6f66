// The swizzles of a vector: every choice of two to four components, by xyzw and by rgba, as properties. Those that name no
// component twice can be assigned to.
#pragma once

namespace softmetal {
// A template, because strict mode gives string literals an address space.
template <class Text>
constexpr bool all_distinct(Text names) {
  for (Text a = names; *a != 0; ++a) {
    for (Text b = a + 1; *b != 0; ++b) {
      if (*a == *b) {
        return false;
      }
    }
  }
  return true;
}
}  // namespace softmetal

#define SOFTMETAL_ASSIGNABLE(names) \
  static_assert(::softmetal::all_distinct(names), "a swizzle that repeats a component cannot be assigned to")

// A value that is read and written through functions. clang has properties; for other compilers the translation names the
// functions.
#ifndef SOFTMETAL_PROPERTY
#define SOFTMETAL_PROPERTY(name, N, other_name)                    \
  __declspec(property(get = get_##name, put = put_##name)) ::metal::vec<T, N> name, other_name;
#endif

// One swizzle; A, B, ... are its components by xyzw and a, b, ... by rgba.
#define SOFTMETAL_SWIZZLE2(B, b, A, a)                                        \
  constexpr ::metal::vec<T, 2> get_##A##B() const { return ::metal::vec<T, 2>(A, B); }          \
  constexpr void put_##A##B(::metal::vec<T, 2> v) {                                    \
    SOFTMETAL_ASSIGNABLE(#A #B);                                              \
    A = v.x;                                                                  \
    B = v.y;                                                                  \
  }                                                                           \
  SOFTMETAL_PROPERTY(A##B, 2, a##b)
#define SOFTMETAL_SWIZZLE3(C, c, A, a, B, b)                                  \
  constexpr ::metal::vec<T, 3> get_##A##B##C() const { return ::metal::vec<T, 3>(A, B, C); }    \
  constexpr void put_##A##B##C(::metal::vec<T, 3> v) {                                 \
    SOFTMETAL_ASSIGNABLE(#A #B #C);                                           \
    A = v.x;                                                                  \
    B = v.y;                                                                  \
    C = v.z;                                                                  \
  }                                                                           \
  SOFTMETAL_PROPERTY(A##B##C, 3, a##b##c)
#define SOFTMETAL_SWIZZLE4(D, d, A, a, B, b, C, c)                                \
  constexpr ::metal::vec<T, 4> get_##A##B##C##D() const { return ::metal::vec<T, 4>(A, B, C, D); }  \
  constexpr void put_##A##B##C##D(::metal::vec<T, 4> v) {                                  \
    SOFTMETAL_ASSIGNABLE(#A #B #C #D);                                            \
    A = v.x;                                                                      \
    B = v.y;                                                                      \
    C = v.z;                                                                      \
    D = v.w;                                                                      \
  }                                                                               \
  SOFTMETAL_PROPERTY(A##B##C##D, 4, a##b##c##d)

// Loops over the components of a vector of 2, 3 or 4; one set for each depth, because a macro cannot expand in itself.
#define SOFTMETAL_1_2(DO, ...) DO(x, r, __VA_ARGS__) DO(y, g, __VA_ARGS__)
#define SOFTMETAL_1_3(DO, ...) SOFTMETAL_1_2(DO, __VA_ARGS__) DO(z, b, __VA_ARGS__)
#define SOFTMETAL_1_4(DO, ...) SOFTMETAL_1_3(DO, __VA_ARGS__) DO(w, a, __VA_ARGS__)
#define SOFTMETAL_2_2(DO, ...) DO(x, r, __VA_ARGS__) DO(y, g, __VA_ARGS__)
#define SOFTMETAL_2_3(DO, ...) SOFTMETAL_2_2(DO, __VA_ARGS__) DO(z, b, __VA_ARGS__)
#define SOFTMETAL_2_4(DO, ...) SOFTMETAL_2_3(DO, __VA_ARGS__) DO(w, a, __VA_ARGS__)
#define SOFTMETAL_3_2(DO, ...) DO(x, r, __VA_ARGS__) DO(y, g, __VA_ARGS__)
#define SOFTMETAL_3_3(DO, ...) SOFTMETAL_3_2(DO, __VA_ARGS__) DO(z, b, __VA_ARGS__)
#define SOFTMETAL_3_4(DO, ...) SOFTMETAL_3_3(DO, __VA_ARGS__) DO(w, a, __VA_ARGS__)
#define SOFTMETAL_4_2(DO, ...) DO(x, r, __VA_ARGS__) DO(y, g, __VA_ARGS__)
#define SOFTMETAL_4_3(DO, ...) SOFTMETAL_4_2(DO, __VA_ARGS__) DO(z, b, __VA_ARGS__)
#define SOFTMETAL_4_4(DO, ...) SOFTMETAL_4_3(DO, __VA_ARGS__) DO(w, a, __VA_ARGS__)

#define SOFTMETAL_PAIR_2(A, a, _) SOFTMETAL_2_2(SOFTMETAL_SWIZZLE2, A, a)
#define SOFTMETAL_PAIR_3(A, a, _) SOFTMETAL_2_3(SOFTMETAL_SWIZZLE2, A, a)
#define SOFTMETAL_PAIR_4(A, a, _) SOFTMETAL_2_4(SOFTMETAL_SWIZZLE2, A, a)

#define SOFTMETAL_TRIPLE_2(A, a, _) SOFTMETAL_2_2(SOFTMETAL_TRIPLE2_2, A, a)
#define SOFTMETAL_TRIPLE_3(A, a, _) SOFTMETAL_2_3(SOFTMETAL_TRIPLE2_3, A, a)
#define SOFTMETAL_TRIPLE_4(A, a, _) SOFTMETAL_2_4(SOFTMETAL_TRIPLE2_4, A, a)
#define SOFTMETAL_TRIPLE2_2(B, b, A, a) SOFTMETAL_3_2(SOFTMETAL_SWIZZLE3, A, a, B, b)
#define SOFTMETAL_TRIPLE2_3(B, b, A, a) SOFTMETAL_3_3(SOFTMETAL_SWIZZLE3, A, a, B, b)
#define SOFTMETAL_TRIPLE2_4(B, b, A, a) SOFTMETAL_3_4(SOFTMETAL_SWIZZLE3, A, a, B, b)

#define SOFTMETAL_QUAD_2(A, a, _) SOFTMETAL_2_2(SOFTMETAL_QUAD2_2, A, a)
#define SOFTMETAL_QUAD_3(A, a, _) SOFTMETAL_2_3(SOFTMETAL_QUAD2_3, A, a)
#define SOFTMETAL_QUAD_4(A, a, _) SOFTMETAL_2_4(SOFTMETAL_QUAD2_4, A, a)
#define SOFTMETAL_QUAD2_2(B, b, A, a) SOFTMETAL_3_2(SOFTMETAL_QUAD3_2, A, a, B, b)
#define SOFTMETAL_QUAD2_3(B, b, A, a) SOFTMETAL_3_3(SOFTMETAL_QUAD3_3, A, a, B, b)
#define SOFTMETAL_QUAD2_4(B, b, A, a) SOFTMETAL_3_4(SOFTMETAL_QUAD3_4, A, a, B, b)
#define SOFTMETAL_QUAD3_2(C, c, A, a, B, b) SOFTMETAL_4_2(SOFTMETAL_SWIZZLE4, A, a, B, b, C, c)
#define SOFTMETAL_QUAD3_3(C, c, A, a, B, b) SOFTMETAL_4_3(SOFTMETAL_SWIZZLE4, A, a, B, b, C, c)
#define SOFTMETAL_QUAD3_4(C, c, A, a, B, b) SOFTMETAL_4_4(SOFTMETAL_SWIZZLE4, A, a, B, b, C, c)

// All swizzles of a vector of N.
#define SOFTMETAL_SWIZZLES(N)                 \
  SOFTMETAL_1_##N(SOFTMETAL_PAIR_##N, ~)      \
  SOFTMETAL_1_##N(SOFTMETAL_TRIPLE_##N, ~)    \
  SOFTMETAL_1_##N(SOFTMETAL_QUAD_##N, ~)
