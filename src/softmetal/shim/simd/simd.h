// The names that sources shared with the host use: simd::float4, simd_float4, vector_float4, simd_float4x4, matrix_float4x4.
#pragma once

#include <metal_matrix>
#include <metal_vector>

namespace simd {
using namespace metal;
}

#define SOFTMETAL_NAME_VECTORS(name, T)       \
  using simd_##name##1 = T;                   \
  using simd_##name##2 = metal::vec<T, 2>;    \
  using simd_##name##3 = metal::vec<T, 3>;    \
  using simd_##name##4 = metal::vec<T, 4>;    \
  using vector_##name##2 = simd_##name##2;    \
  using vector_##name##3 = simd_##name##3;    \
  using vector_##name##4 = simd_##name##4;
SOFTMETAL_NAME_VECTORS(char, char)
SOFTMETAL_NAME_VECTORS(uchar, uchar)
SOFTMETAL_NAME_VECTORS(short, short)
SOFTMETAL_NAME_VECTORS(ushort, ushort)
SOFTMETAL_NAME_VECTORS(int, int)
SOFTMETAL_NAME_VECTORS(uint, uint)
SOFTMETAL_NAME_VECTORS(long, long)
SOFTMETAL_NAME_VECTORS(ulong, ulong)
SOFTMETAL_NAME_VECTORS(half, half)
SOFTMETAL_NAME_VECTORS(float, float)
#undef SOFTMETAL_NAME_VECTORS

#define SOFTMETAL_NAME_MATRICES(T, C)          \
  using simd_##T##C##x2 = metal::T##C##x2;     \
  using simd_##T##C##x3 = metal::T##C##x3;     \
  using simd_##T##C##x4 = metal::T##C##x4;     \
  using matrix_##T##C##x2 = metal::T##C##x2;   \
  using matrix_##T##C##x3 = metal::T##C##x3;   \
  using matrix_##T##C##x4 = metal::T##C##x4;
SOFTMETAL_NAME_MATRICES(half, 2)
SOFTMETAL_NAME_MATRICES(half, 3)
SOFTMETAL_NAME_MATRICES(half, 4)
SOFTMETAL_NAME_MATRICES(float, 2)
SOFTMETAL_NAME_MATRICES(float, 3)
SOFTMETAL_NAME_MATRICES(float, 4)
#undef SOFTMETAL_NAME_MATRICES
