// The score matrix where a has few rows: the rows of b go from memory to registers once.
#pragma once

#include "dot_products/dot_tiles.h"

// As in dot_batched.cpp.
constant constexpr uint kFewRows = 8;  // of a, in a tile
constant constexpr uint kFewSimdGroups = 8;
// Neighbouring lanes that share rows of b, as many as they are, and read 128 bytes of one side by
// side. In the end each keeps the results of one row.
constant constexpr uint kSharing = 8;
constant constexpr uint kFewEach = 4;  // of these rows, under way at once

// Of a tile, rows of a that there are: up to kFewRows.
constant uint kLeftRows [[function_constant(5)]];
// Whether a threadgroup has 32 rows of b in place of 256: each SIMD-group a part of their elements.
constant bool kSplitRows [[function_constant(6)]];

// The elements in 32 bits.
template <class T, class Sum>
inline void widen(uint bits, thread Sum* x);
template <>
inline void widen<float, float>(uint bits, thread float* x) {
  x[0] = as_type<float>(bits);
}
template <>
inline void widen<half, float>(uint bits, thread float* x) {
  const half2 pair = as_type<half2>(bits);
  x[0] = float(pair.x);
  x[1] = float(pair.y);
}
template <>
inline void widen<bfloat, float>(uint bits, thread float* x) {  // a float's upper half
  x[0] = as_type<float>(bits << 16);
  x[1] = as_type<float>(bits & 0xffff0000u);
}
template <>
inline void widen<char, int>(uint bits, thread int* x) {
  const char4 four = as_type<char4>(bits);
#pragma unroll
  for (uint i = 0; i < 4; ++i) {
    x[i] = four[i];
  }
}

template <class T, class Sum>
struct Word {
  static constant constexpr uint kEach = 4 / sizeof(T);
  static constant constexpr uint kElements = 4 * kEach;
  Sum x[kElements];

  void load(device const T* row, uint k, uint d) {
    const uint4 word = load_word(row, k, d);
#pragma unroll
    for (uint i = 0; i < 4; ++i) {
      widen<T, Sum>(word[i], x + i * kEach);
    }
  }
};

// The first SIMD-group gets the sums of all.
template <class Sum>
inline void add_parts(thread Sum* own,
                      threadgroup Sum (&parts)[kFewSimdGroups][kFewRows][kSimdWidth],
                      uint lane,
                      uint simd_group) {
#pragma unroll
  for (uint i = 0; i < kLeftRows; ++i) {
    parts[simd_group][i][lane] = own[i];
  }
  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  if (simd_group > 0) {
    return;
  }
#pragma unroll
  for (uint i = 0; i < kLeftRows; ++i) {
    for (uint part = 1; part < kFewSimdGroups; ++part) {
      own[i] += parts[part][i][lane];
    }
  }
}

// Twice as many threads are named as there are for the sake of registers, as in dot_registers.h.
template <class T, class Sum, class Y>
[[kernel, max_total_threads_per_threadgroup(512)]] void dot_batched_few(
    device const T* a [[buffer(0)]],
    device const T* b [[buffer(1)]],
    device Y* y [[buffer(2)]],
    constant TileShape& shape [[buffer(3)]],
    device const float* a_scale [[buffer(4), function_constant(kHasAScale)]],
    device const float* b_scale [[buffer(5), function_constant(kHasBScale)]],
    device const float* a_bias [[buffer(6), function_constant(kHasABias)]],
    device const float* at_least [[buffer(7), function_constant(kHasLast)]],
    uint group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]],
    uint simd_group [[simdgroup_index_in_threadgroup]]) {
  typedef Word<T, Sum> Words;
  threadgroup Sum parts[kFewSimdGroups][kFewRows][kSimdWidth];
  const uint d = shape.d;
  const uint i0 = group % shape.left_tiles * kFewRows;
  const uint tile = group / shape.left_tiles;
  const uint j0 = (kSplitRows ? tile : tile * kFewSimdGroups + simd_group) * kSimdWidth;
  const uint splits = kSplitRows ? kFewSimdGroups : 1;
  const uint split = kSplitRows ? simd_group : 0;
  const uint sharer = lane % kSharing;
  const uint first = j0 + lane / kSharing * kSharing;
  // Rows after the last of a and b are the last: their results are not stored.
  Sum own[kFewRows] = {};  // of row j0 + lane of b
  for (uint part = 0; part < kSharing; part += kFewEach) {
    device const T* rows[kFewEach];
#pragma unroll
    for (uint e = 0; e < kFewEach; ++e) {
      rows[e] = b + ulong(metal::min(first + part + e, shape.n - 1)) * d;
    }
    Sum sums[kFewEach][kFewRows] = {};
    for (uint k = (split * kSharing + sharer) * Words::kElements; k < d;
         k += splits * kSharing * Words::kElements) {
      Words right[kFewEach];
#pragma unroll
      for (uint e = 0; e < kFewEach; ++e) {
        right[e].load(rows[e], k, d);
      }
#pragma unroll
      for (uint i = 0; i < kLeftRows; ++i) {
        Words left;
        left.load(a + ulong(metal::min(i0 + i, shape.q - 1)) * d, k, d);
#pragma unroll
        for (uint e = 0; e < kFewEach; ++e) {
#pragma unroll
          for (uint x = 0; x < Words::kElements; ++x) {
            sums[e][i] += left.x[x] * right[e].x[x];
          }
        }
      }
    }
#pragma unroll
    for (uint e = 0; e < kFewEach; ++e) {
#pragma unroll
      for (uint i = 0; i < kLeftRows; ++i) {
        Sum sum = sums[e][i];
#pragma unroll
        for (uint offset = kSharing / 2; offset > 0; offset /= 2) {
          sum += metal::simd_shuffle_xor(sum, ushort(offset));
        }
        if (sharer == part + e) {
          own[i] = sum;
        }
      }
    }
  }
  if (kSplitRows) {
    add_parts(own, parts, lane, simd_group);
    if (simd_group > 0) {
      return;
    }
  }

  const uint j = j0 + lane;
  const uint j_inside = metal::min(j, shape.n - 1);
#pragma unroll
  for (uint r = 0; r < kLeftRows; ++r) {
    const uint i = i0 + r;
    if (i >= shape.q) {
      break;
    }
    bool reaches = false;
    if (kHasLast) {
      reaches = j < shape.n &&
                finish<float>(own[r], i, j_inside, a_scale, b_scale, a_bias) >= at_least[i];
    }
    if (metal::is_same_v<Y, uint>) {
      const uint bits = uint(ulong(metal::simd_ballot(reaches)));
      if (lane == 0) {
        y[ulong(i) * shape.pitch + j0 / 32] = Y(bits);
      }
    } else if (j < shape.n) {
      y[ulong(i) * shape.n + j] =
          kHasLast ? Y(reaches) : finish<Y>(own[r], i, j, a_scale, b_scale, a_bias);
    }
  }
}
