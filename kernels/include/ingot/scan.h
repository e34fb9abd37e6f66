// Prefix sums within a SIMD-group and a threadgroup: what scans, compaction and sorting are built
// from. Every function must be reached by all threads of the SIMD-group or threadgroup.
#pragma once

#include <metal_stdlib>

constant constexpr uint kSimdWidth = 32;
constant constexpr uint kMaxSimdGroups = 32;  // 1024 threads

// How a threadgroup walks long data: in each round a thread takes kItems neighbouring elements, so
// that the rounds of a SIMD-group read whole cache lines; it holds kRounds of them in registers.
// kernels/common/scan.hpp knows the product.
constant constexpr uint kItems = 4;
constant constexpr uint kRounds = 4;
constant constexpr uint kSpan = kItems * kSimdWidth;       // elements of a SIMD-group in one round
constant constexpr uint kSimdGroupTile = kSpan * kRounds;  // and in all rounds

/// Sum of `value` over the lanes before this one.
template <class T>
inline T simd_exclusive_sum(T value, uint lane) {
  return metal::simd_prefix_exclusive_sum(value);
}

// Metal's SIMD-group functions take no 64-bit integers: shuffle the halves (Hillis and Steele,
// 1986).
inline ulong simd_exclusive_sum(ulong value, uint lane) {
  ulong inclusive = value;
  for (ushort distance = 1; distance < kSimdWidth; distance *= 2) {
    const uint low = metal::simd_shuffle_up(uint(inclusive), distance);
    const uint high = metal::simd_shuffle_up(uint(inclusive >> 32), distance);
    inclusive += lane >= distance ? (ulong(high) << 32) + low : 0;
  }
  return inclusive - value;
}

/// The `value` of one lane, the same for all.
template <class T>
inline T simd_from(T value, uint lane) {
  return metal::simd_broadcast(value, ushort(lane));
}

inline ulong simd_from(ulong value, uint lane) {
  const uint low = metal::simd_broadcast(uint(value), ushort(lane));
  const uint high = metal::simd_broadcast(uint(value >> 32), ushort(lane));
  return (ulong(high) << 32) + low;
}

/// The last lane's.
template <class T>
inline T simd_last(T value) {
  return simd_from(value, kSimdWidth - 1);
}

/// Sum of `value`, one per SIMD-group, over the SIMD-groups before this one; `total` becomes the
/// sum over all. `shared` holds kMaxSimdGroups values and is not to be written again before the next
/// barrier.
template <class T>
inline T simdgroups_exclusive_sum_once(
    T value, threadgroup T* shared, thread T& total, uint lane, uint simd_group, uint simd_groups) {
  if (lane == 0) {
    shared[simd_group] = value;
  }
  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  const T other = lane < simd_groups ? shared[lane] : T(0);
  const T others_before = simd_exclusive_sum(other, lane);
  total = simd_last(T(others_before + other));
  return simd_from(others_before, simd_group);
}

/// The same; `shared` may be used again at once.
template <class T>
inline T simdgroups_exclusive_sum(
    T value, threadgroup T* shared, thread T& total, uint lane, uint simd_group, uint simd_groups) {
  const T before =
      simdgroups_exclusive_sum_once(value, shared, total, lane, simd_group, simd_groups);
  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  return before;
}
