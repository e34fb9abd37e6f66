#include <metal_stdlib>

#include "ingot/kernel.h"

using namespace metal;

constant bool kHasAScale [[function_constant(0)]];
constant bool kHasBScale [[function_constant(1)]];
constant bool kHasABias [[function_constant(2)]];
// dot_batched_all: at_least is given; dot_batched_rows: columns are given.
constant bool kHasLast [[function_constant(3)]];

// As in dot_batched.cpp.
struct Extents {
  uint q, n, d;
  uint count;  // results of dot_batched_rows
  uint lanes;  // neighbouring threads that share one result of dot_batched_rows: a power of two up to 32
  uint listed;  // columns for each row of a; 1 without
};

// b_scale (a_scale dot + a_bias), in float.
template <class Y, class Dot>
inline Y finish(Dot dot, uint i, uint j, device const float* a_scale, device const float* b_scale,
                device const float* a_bias) {
  float score = float(dot);
  if (kHasAScale) {
    score *= a_scale[i];
  }
  if (kHasABias) {
    score += a_bias[i];
  }
  if (kHasBScale) {
    score *= b_scale[j];
  }
  return Y(score);
}

// Exact: a float would round above 2^24.
template <>
inline int finish<int, int>(int dot, uint, uint, device const float*, device const float*, device const float*) {
  return dot;
}

template <class Y>
inline Y absent() {
  return Y(-INFINITY);
}
template <>
inline int absent<int>() {
  return INT_MIN;
}

// Row i of a with row i of b, or with the rows of b in columns[i]. Each result is made by `lanes` neighbouring threads, so
// that they read neighbouring elements.
template <class T, class Sum, class Y>
[[kernel]] void dot_batched_rows(device const T* a [[buffer(0)]],
                                 device const T* b [[buffer(1)]],
                                 device Y* y [[buffer(2)]],
                                 constant Extents& extents [[buffer(3)]],
                                 device const float* a_scale [[buffer(4), function_constant(kHasAScale)]],
                                 device const float* b_scale [[buffer(5), function_constant(kHasBScale)]],
                                 device const float* a_bias [[buffer(6), function_constant(kHasABias)]],
                                 device const uint* columns [[buffer(7), function_constant(kHasLast)]],
                                 uint group [[threadgroup_position_in_grid]],
                                 uint thread_in_group [[thread_position_in_threadgroup]],
                                 uint group_size [[threads_per_threadgroup]]) {
  const uint lane = thread_in_group % extents.lanes;
  const uint result = group * (group_size / extents.lanes) + thread_in_group / extents.lanes;
  const bool exists = result < extents.count;
  const uint i = result / extents.listed;
  uint j = i;
  if (kHasLast && exists) {
    j = columns[result];
  }
  const bool inside = exists && j < extents.n;
  Sum sum = 0;
  if (inside) {
    device const T* row_a = a + i * extents.d;
    device const T* row_b = b + j * extents.d;
    for (uint k = lane; k < extents.d; k += extents.lanes) {
      sum += Sum(row_a[k]) * Sum(row_b[k]);
    }
  }
  for (uint offset = extents.lanes / 2; offset > 0; offset /= 2) {
    sum += simd_shuffle_xor(sum, ushort(offset));
  }
  if (exists && lane == 0) {
    y[result] = inside ? finish<Y>(sum, i, j, a_scale, b_scale, a_bias) : absent<Y>();
  }
}

// The score matrix in tiles of kTile x kTile. A threadgroup of 16 x 16 threads brings kDepth columns of kTile rows of a
// and of b into threadgroup memory; each thread makes 4 x 4 results, 16 rows and columns apart, so that neighbouring
// threads read neighbouring rows: a stride of kDepth + 1 words, which puts them in different banks.
constant constexpr uint kTile = 64;
constant constexpr uint kDepth = 32;
constant constexpr uint kThreads = 16;
constant constexpr uint kEach = kTile / kThreads;

template <class T, class Sum>
inline void load_tile(device const T* rows, uint first, uint row_count, uint d, uint k0, uint thread_in_group,
                      threadgroup Sum (&tile)[kTile][kDepth + 1]) {
  for (uint e = thread_in_group; e < kTile * kDepth; e += kThreads * kThreads) {
    const uint r = e / kDepth;
    const uint k = e % kDepth;
    const bool inside = first + r < row_count && k0 + k < d;
    tile[r][k] = inside ? Sum(rows[(first + r) * d + k0 + k]) : Sum(0);
  }
}

template <class T, class Sum, class Y>
[[kernel, max_total_threads_per_threadgroup(256)]] void dot_batched_all(
    device const T* a [[buffer(0)]],
    device const T* b [[buffer(1)]],
    device Y* y [[buffer(2)]],
    constant Extents& extents [[buffer(3)]],
    device const float* a_scale [[buffer(4), function_constant(kHasAScale)]],
    device const float* b_scale [[buffer(5), function_constant(kHasBScale)]],
    device const float* a_bias [[buffer(6), function_constant(kHasABias)]],
    device const float* at_least [[buffer(7), function_constant(kHasLast)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint thread_in_group [[thread_index_in_threadgroup]]) {
  threadgroup Sum tile_a[kTile][kDepth + 1];
  threadgroup Sum tile_b[kTile][kDepth + 1];
  const uint row = thread_in_group / kThreads;
  const uint column = thread_in_group % kThreads;
  Sum sums[kEach][kEach] = {};
  for (uint k0 = 0; k0 < extents.d; k0 += kDepth) {
    load_tile(a, group.y * kTile, extents.q, extents.d, k0, thread_in_group, tile_a);
    load_tile(b, group.x * kTile, extents.n, extents.d, k0, thread_in_group, tile_b);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint k = 0; k < kDepth; ++k) {
      Sum left[kEach];
      for (uint r = 0; r < kEach; ++r) {
        left[r] = tile_a[row + r * kThreads][k];
      }
      for (uint c = 0; c < kEach; ++c) {
        const Sum right = tile_b[column + c * kThreads][k];
        for (uint r = 0; r < kEach; ++r) {
          sums[r][c] += left[r] * right;
        }
      }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  for (uint r = 0; r < kEach; ++r) {
    const uint i = group.y * kTile + row + r * kThreads;
    for (uint c = 0; c < kEach; ++c) {
      const uint j = group.x * kTile + column + c * kThreads;
      if (i < extents.q && j < extents.n) {
        device Y* to = y + i * extents.n + j;
        if (kHasLast) {
          *to = Y(finish<float>(sums[r][c], i, j, a_scale, b_scale, a_bias) >= at_least[i]);
        } else {
          *to = finish<Y>(sums[r][c], i, j, a_scale, b_scale, a_bias);
        }
      }
    }
  }
}

// By the dtypes of the rows and of the result; u8 is the mask.
INGOT_KERNEL("dot_batched_rows_f32_f32", dot_batched_rows<float, float, float>)
INGOT_KERNEL("dot_batched_rows_f16_f32", dot_batched_rows<half, float, float>)
INGOT_KERNEL("dot_batched_rows_bf16_f32", dot_batched_rows<bfloat, float, float>)
INGOT_KERNEL("dot_batched_rows_i8_f32", dot_batched_rows<char, int, float>)
INGOT_KERNEL("dot_batched_rows_i8_i32", dot_batched_rows<char, int, int>)
INGOT_KERNEL("dot_batched_all_f32_f32", dot_batched_all<float, float, float>)
INGOT_KERNEL("dot_batched_all_f32_u8", dot_batched_all<float, float, uchar>)
INGOT_KERNEL("dot_batched_all_f16_f32", dot_batched_all<half, float, float>)
INGOT_KERNEL("dot_batched_all_f16_u8", dot_batched_all<half, float, uchar>)
INGOT_KERNEL("dot_batched_all_bf16_f32", dot_batched_all<bfloat, float, float>)
INGOT_KERNEL("dot_batched_all_bf16_u8", dot_batched_all<bfloat, float, uchar>)
INGOT_KERNEL("dot_batched_all_i8_f32", dot_batched_all<char, int, float>)
INGOT_KERNEL("dot_batched_all_i8_i32", dot_batched_all<char, int, int>)
INGOT_KERNEL("dot_batched_all_i8_u8", dot_batched_all<char, int, uchar>)
