// The score matrix of float and char rows, each thread with a block of results in registers.
#pragma once

#include "dot_products/dot_tiles.h"

// 16 x 16 threads with 8 x 8 results each, 16 rows and columns apart. As in dot_batched.cpp.
constant constexpr uint kBlockThreads = 256;
constant constexpr uint kBlockTile = 128;
constant constexpr uint kBlockEach = 8;
constant constexpr uint kBlockApart = kBlockTile / kBlockEach;
constant constexpr uint kBlockWords = kBlockTile / 32;  // of bits in a row of a tile
// Words from one row's slice to the next: eight threads side by side, which read eight neighbouring
// rows, meet in no bank.
constant constexpr uint kBlockPitch = kSliceWords + 1;

// Naming 512 threads, twice as many as there are, keeps a thread to 128 registers on NVIDIA, so that
// two threadgroups are under way at once.
template <class T, class Sum, class Y>
[[kernel, max_total_threads_per_threadgroup(512)]] void dot_batched_all(
    device const T* a [[buffer(0)]],
    device const T* b [[buffer(1)]],
    device Y* y [[buffer(2)]],
    constant TileShape& shape [[buffer(3)]],
    device const float* a_scale [[buffer(4), function_constant(kHasAScale)]],
    device const float* b_scale [[buffer(5), function_constant(kHasBScale)]],
    device const float* a_bias [[buffer(6), function_constant(kHasABias)]],
    device const float* at_least [[buffer(7), function_constant(kHasLast)]],
    uint group [[threadgroup_position_in_grid]],
    uint thread_index [[thread_position_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]],
    uint simd_group [[simdgroup_index_in_threadgroup]]) {
  typedef metal::vec<Sum, 4> Sum4;
  constexpr uint kPitch = kBlockPitch * kWordBytes / sizeof(T);
  constexpr uint kSlice = kSliceBytes / sizeof(T);
  threadgroup uint4 left_slice[kBlockTile * kBlockPitch];
  threadgroup uint4 right_slice[kBlockTile * kBlockPitch];
  threadgroup metal::atomic_uint bits[kBlockTile * kBlockWords];
  // A SIMD-group is 4 x 8 of the threads.
  const uint row = simd_group / 2 * 4 + lane / 8;
  const uint column = simd_group % 2 * 8 + lane % 8;
  const uint i0 = group % shape.left_tiles * kBlockTile;
  const uint j0 = group / shape.left_tiles * kBlockTile;
  const bool has_bits = metal::is_same_v<Y, uint>;
  if (has_bits) {
    clear_bits<kBlockTile * kBlockWords, kBlockThreads>(bits, thread_index);
  }

  SliceLoader<T, kBlockTile, kBlockThreads> left_loader;
  SliceLoader<T, kBlockTile, kBlockThreads> right_loader;
  left_loader.start(a, i0, shape.q, shape.d, thread_index);
  right_loader.start(b, j0, shape.n, shape.d, thread_index);
  left_loader.load(0, shape.d, thread_index);
  right_loader.load(0, shape.d, thread_index);
  threadgroup const T* left = reinterpret_cast<threadgroup const T*>(left_slice) + row * kPitch;
  threadgroup const T* right =
      reinterpret_cast<threadgroup const T*>(right_slice) + column * kPitch;
  Sum sums[kBlockEach][kBlockEach] = {};
  uint k0 = 0;
  do {
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    left_loader.template store<kBlockPitch>(left_slice, thread_index);
    right_loader.template store<kBlockPitch>(right_slice, thread_index);
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    k0 += kSlice;
    if (k0 < shape.d) {
      left_loader.load(k0, shape.d, thread_index);
      right_loader.load(k0, shape.d, thread_index);
    }
#pragma unroll 1
    for (uint k = 0; k < kSlice; k += 4) {
      Sum4 columns[kBlockEach];
#pragma unroll
      for (uint c = 0; c < kBlockEach; ++c) {
        columns[c] = Sum4(*reinterpret_cast<threadgroup const metal::vec<T, 4>*>(
            right + c * kBlockApart * kPitch + k));
      }
#pragma unroll
      for (uint r = 0; r < kBlockEach; ++r) {
        const Sum4 of_row = Sum4(*reinterpret_cast<threadgroup const metal::vec<T, 4>*>(
            left + r * kBlockApart * kPitch + k));
#pragma unroll
        for (uint c = 0; c < kBlockEach; ++c) {
          sums[r][c] += of_row.x * columns[c].x;
          sums[r][c] += of_row.y * columns[c].y;
          sums[r][c] += of_row.z * columns[c].z;
          sums[r][c] += of_row.w * columns[c].w;
        }
      }
    }
  } while (k0 < shape.d);

#pragma unroll
  for (uint r = 0; r < kBlockEach; ++r) {
    const uint i = i0 + row + r * kBlockApart;
#pragma unroll
    for (uint c = 0; c < kBlockEach; ++c) {
      const uint j = j0 + column + c * kBlockApart;
      if (i >= shape.q || j >= shape.n) {
        continue;
      }
      device Y* to = y + ulong(i) * shape.n + j;
      if (!kHasLast) {
        *to = finish<Y>(sums[r][c], i, j, a_scale, b_scale, a_bias);
        continue;
      }
      const bool reaches = finish<float>(sums[r][c], i, j, a_scale, b_scale, a_bias) >= at_least[i];
      if (!has_bits) {
        *to = Y(reaches);
      } else if (reaches) {
        metal::atomic_fetch_or_explicit(bits + (i - i0) * kBlockWords + (j - j0) / 32,
                                        1u << (j - j0) % 32,
                                        metal::memory_order_relaxed);
      }
    }
  }
  if (has_bits) {
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    store_bits<kBlockTile, kBlockWords, kBlockThreads>(
        bits, reinterpret_cast<device uint*>(y), i0, j0 / 32, shape, thread_index);
  }
}
