// The scan kernels. Signed integers are added as unsigned ones, whose sums wrap. A scan runs along
// the middle of [outer, n, inner].
//
// Reduce, then scan: no threadgroup ever waits for another, because a GPU need not let both make
// progress. A line of n elements is cut into segments. `scan_sums` writes the sum of each segment,
// an exclusive scan of those sums gives every segment its offset, and `scan_lines` scans the
// segments. A line of one segment needs the last step alone.
#pragma once

#include "ingot/scan.h"

// As in kernels/common/scan.cpp.
struct ScanShape {
  uint n;         // elements of a line
  uint segment;   // elements of a segment; the last of a line may be shorter
  uint segments;  // of a line
  uint inner;     // distance between neighbours of a line, for the column kernels
};

constant bool has_offsets [[function_constant(0)]];

/// One threadgroup per segment, inner = 1. The segment is walked in tiles; each SIMD-group holds a
/// run of the tile in registers, scans it, and learns from the others what lies before it.
template <class T, bool exclusive>
[[kernel]] void scan_lines(device const T* x [[buffer(0)]],
                           device T* y [[buffer(1)]],
                           constant ScanShape& shape [[buffer(2)]],
                           device const T* offsets [[buffer(3), function_constant(has_offsets)]],
                           uint group [[threadgroup_position_in_grid]],
                           uint lane [[thread_index_in_simdgroup]],
                           uint simd_group [[simdgroup_index_in_threadgroup]],
                           uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup T shared[kMaxSimdGroups];
  const uint begin = group % shape.segments * shape.segment;
  const uint length = metal::min(shape.segment, shape.n - begin);
  const uint start = group / shape.segments * shape.n + begin;
  x += start;
  y += start;
  T carry = 0;
  if (has_offsets) {
    carry = offsets[group];
  }
  for (uint tile = 0; tile < length; tile += simd_groups * kSimdGroupTile) {
    const uint first = tile + simd_group * kSimdGroupTile + lane * kItems;
    T values[kRounds][kItems];
    T before[kRounds];
    T sum = 0;
    for (uint round = 0; round < kRounds; ++round) {
      T own = 0;
      for (uint k = 0; k < kItems; ++k) {
        const uint i = first + round * kSpan + k;
        values[round][k] = i < length ? x[i] : T(0);
        own += values[round][k];
      }
      const T lanes_before = simd_exclusive_sum(own, lane);
      before[round] = sum + lanes_before;
      sum += simd_last(T(lanes_before + own));
    }
    T total;
    const T offset =
        carry + simdgroups_exclusive_sum(sum, shared, total, lane, simd_group, simd_groups);
    carry += total;
    for (uint round = 0; round < kRounds; ++round) {
      T running = offset + before[round];
      for (uint k = 0; k < kItems; ++k) {
        const uint i = first + round * kSpan + k;
        const T next = running + values[round][k];
        if (i < length) {
          y[i] = exclusive ? running : next;
        }
        running = next;
      }
    }
  }
}

/// The sum of each segment, as scan_lines would scan it.
template <class T>
[[kernel]] void scan_sums(device const T* x [[buffer(0)]],
                          device T* sums [[buffer(1)]],
                          constant ScanShape& shape [[buffer(2)]],
                          uint group [[threadgroup_position_in_grid]],
                          uint thread_in_group [[thread_position_in_threadgroup]],
                          uint group_size [[threads_per_threadgroup]],
                          uint lane [[thread_index_in_simdgroup]],
                          uint simd_group [[simdgroup_index_in_threadgroup]],
                          uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup T shared[kMaxSimdGroups];
  const uint begin = group % shape.segments * shape.segment;
  const uint length = metal::min(shape.segment, shape.n - begin);
  x += group / shape.segments * shape.n + begin;
  T sum = 0;
  for (uint tile = 0; tile < length; tile += group_size * kItems) {
    for (uint k = 0; k < kItems; ++k) {
      const uint i = tile + k * group_size + thread_in_group;
      sum += i < length ? x[i] : T(0);
    }
  }
  const T lanes_before = simd_exclusive_sum(sum, lane);
  T total;
  simdgroups_exclusive_sum(
      simd_last(T(lanes_before + sum)), shared, total, lane, simd_group, simd_groups);
  if (thread_in_group == 0) {
    sums[group] = total;
  }
}

/// What one thread of a column kernel walks: neighbouring threads take neighbouring columns.
struct Column {
  uint start, length;
};

inline Column column_of(uint thread_index, constant ScanShape& shape) {
  const uint segment = thread_index / shape.inner % shape.segments;
  const uint outer = thread_index / shape.inner / shape.segments;
  const uint begin = segment * shape.segment;
  Column column;
  column.start = (outer * shape.n + begin) * shape.inner + thread_index % shape.inner;
  column.length = metal::min(shape.segment, shape.n - begin);
  return column;
}

/// One thread per column and segment: for any inner, and for lines too short to occupy a
/// SIMD-group.
template <class T, bool exclusive>
[[kernel]] void scan_columns(device const T* x [[buffer(0)]],
                             device T* y [[buffer(1)]],
                             constant ScanShape& shape [[buffer(2)]],
                             device const T* offsets [[buffer(3), function_constant(has_offsets)]],
                             uint thread_index [[thread_position_in_grid]]) {
  const Column column = column_of(thread_index, shape);
  T running = 0;
  if (has_offsets) {
    running = offsets[thread_index];
  }
  for (uint k = 0, i = column.start; k < column.length; ++k, i += shape.inner) {
    const T next = running + x[i];
    y[i] = exclusive ? running : next;
    running = next;
  }
}

template <class T>
[[kernel]] void scan_column_sums(device const T* x [[buffer(0)]],
                                 device T* sums [[buffer(1)]],
                                 constant ScanShape& shape [[buffer(2)]],
                                 uint thread_index [[thread_position_in_grid]]) {
  const Column column = column_of(thread_index, shape);
  T sum = 0;
  for (uint k = 0, i = column.start; k < column.length; ++k, i += shape.inner) {
    sum += x[i];
  }
  sums[thread_index] = sum;
}
