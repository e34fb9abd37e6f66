// The scan kernels. Signed integers are added as unsigned ones, whose sums wrap. A scan runs along
// the middle of [outer, n, inner].
//
// Where a GPU need not let two threadgroups make progress at once, none ever waits for another:
// reduce, then scan. A line of n elements is cut into segments. `scan_sums` writes the sum of each
// segment, an exclusive scan of those sums gives every segment its offset, and `scan_lines` scans
// the segments. A line of one segment needs the last step alone.
//
// Elsewhere `scan_tiles` reads and writes everything once: each tile publishes its sum, and adds up
// those before it.
#pragma once

#include "ingot/kernel.h"
#include "ingot/scan.h"

// As in kernels/common/scan.cpp.
struct ScanShape {
  uint n;         // elements of a line
  uint segment;   // elements of a segment; the last of a line may be shorter
  uint segments;  // of a line
  uint inner;     // distance between neighbours of a line, for the column kernels
};

constant bool has_offsets [[function_constant(0)]];
// Whether every line starts at a multiple of kItems elements.
constant bool kAligned [[function_constant(1)]];

/// The part of a tile that one thread holds: `rounds` runs of kItems neighbours. `first` is where
/// its runs begin, `length` what there is; `whole` says that no run passes it.
template <class T, uint rounds>
struct ScanRuns {
  T values[rounds][kItems];
  T before[rounds];  // after scan(): the sum of what the SIMD-group holds before each run

  template <bool whole>
  void load(device const T* x, uint first, uint length) {
    for (uint round = 0; round < rounds; ++round) {
      const uint i = first + round * kSpan;
      if (kAligned && (whole || i + kItems <= length)) {
        const auto run = *reinterpret_cast<device const metal::vec<T, kItems>*>(x + i);
        for (uint k = 0; k < kItems; ++k) {
          values[round][k] = run[k];
        }
      } else {
        for (uint k = 0; k < kItems; ++k) {
          values[round][k] = i + k < length ? x[i + k] : T(0);
        }
      }
    }
  }

  T run_sum(uint round) const {
    T sum = 0;
    for (uint k = 0; k < kItems; ++k) {
      sum += values[round][k];
    }
    return sum;
  }

  /// The sum of what the SIMD-group holds.
  T simd_sum(uint lane) const {
    T sum = 0;
    for (uint round = 0; round < rounds; ++round) {
      sum += run_sum(round);
    }
    return simd_last(T(simd_exclusive_sum(sum, lane) + sum));
  }

  /// Scans within the SIMD-group; returns the sum of what it holds.
  T scan(uint lane) {
    T sum = 0;
    for (uint round = 0; round < rounds; ++round) {
      const T own = run_sum(round);
      const T lanes_before = simd_exclusive_sum(own, lane);
      before[round] = sum + lanes_before;
      sum += simd_last(T(lanes_before + own));
    }
    return sum;
  }

  /// Writes the scan, given the sum of all that lies before the SIMD-group's runs.
  template <bool exclusive, bool whole>
  void store(device T* y, uint first, uint length, T offset) const {
    for (uint round = 0; round < rounds; ++round) {
      const uint i = first + round * kSpan;
      T running = offset + before[round];
      metal::vec<T, kItems> run;
      for (uint k = 0; k < kItems; ++k) {
        const T next = running + values[round][k];
        run[k] = exclusive ? running : next;
        running = next;
      }
      if (kAligned && (whole || i + kItems <= length)) {
        *reinterpret_cast<device metal::vec<T, kItems>*>(y + i) = run;
      } else {
        for (uint k = 0; k < kItems; ++k) {
          if (i + k < length) {
            y[i + k] = run[k];
          }
        }
      }
    }
  }
};

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
  const ulong start = ulong(group / shape.segments) * shape.n + begin;
  x += start;
  y += start;
  T carry = 0;
  if (has_offsets) {
    carry = offsets[group];
  }
  for (uint tile = 0; tile < length; tile += simd_groups * kSimdGroupTile) {
    const uint first = tile + simd_group * kSimdGroupTile + lane * kItems;
    ScanRuns<T, kRounds> runs;
    runs.template load<false>(x, first, length);
    const T sum = runs.scan(lane);
    T total;
    const T offset =
        carry + simdgroups_exclusive_sum(sum, shared, total, lane, simd_group, simd_groups);
    carry += total;
    runs.template store<exclusive, false>(y, first, length, offset);
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
  x += ulong(group / shape.segments) * shape.n + begin;
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

// As in kernels/common/scan.cpp.
template <class T>
constant constexpr uint kTileRounds = sizeof(T) == 8 ? 4 : 8;  // 32 registers' worth

struct ScanTiles {
  uint n;      // elements of a line
  uint tiles;  // of a line
  uint lines;
};

// What one threadgroup tells others: a value, in words that carry 31 bits and whether they have been
// written. Each is right on its own, so neither order nor wider atomics are needed. `scan_clear`
// must have run before.
template <class T>
constant constexpr uint kPublishedWords = sizeof(T) == 8 ? 3 : 2;

inline ulong bits_of(uint value) { return value; }
inline ulong bits_of(ulong value) { return value; }
inline ulong bits_of(float value) { return as_type<uint>(value); }
inline void set_bits(thread uint& value, ulong bits) { value = uint(bits); }
inline void set_bits(thread ulong& value, ulong bits) { value = bits; }
inline void set_bits(thread float& value, ulong bits) { value = as_type<float>(uint(bits)); }

template <class T>
inline void publish(device metal::atomic_uint* to, T value) {
  for (uint word = 0; word < kPublishedWords<T>; ++word) {
    metal::atomic_store_explicit(
        to + word, uint(bits_of(value) >> (31 * word)) << 1 | 1, metal::memory_order_relaxed);
  }
}

// What a threadgroup has published, or will have: waits for it.
template <class T>
inline T published(device metal::atomic_uint* from) {
  uint words[kPublishedWords<T>];
  uint written;
  do {
    written = 1;
    for (uint word = 0; word < kPublishedWords<T>; ++word) {
      words[word] = metal::atomic_load_explicit(from + word, metal::memory_order_relaxed);
      written &= words[word];
    }
  } while (written == 0);
  ulong bits = 0;
  for (uint word = 0; word < kPublishedWords<T>; ++word) {
    bits |= ulong(words[word] >> 1) << (31 * word);
  }
  T value;
  set_bits(value, bits);
  return value;
}

/// A single pass over lines in tiles, inner = 1 (after Merrill and Garland, Single-pass Parallel
/// Prefix Scan with Decoupled Look-back, NVIDIA 2016). A tile adds up the sums of those since the
/// last anchor, all its threads at once, and what lies before the anchor; anchors are as many tiles
/// apart as a threadgroup has threads. What is added up, and in which order, is fixed, so floats do
/// not depend on timing. Tiles are taken in the order in which threadgroups start, so what a tile
/// waits for is always running. `state`: a ticket, the sums of all tiles, what lies before each
/// anchor. Naming 1024 threads keeps a thread to 64 registers on NVIDIA, so that two threadgroups of
/// 512 are under way at once.
template <class T, bool exclusive>
[[kernel, max_total_threads_per_threadgroup(1024)]] void scan_tiles(
    device const T* x [[buffer(0)]],
    device T* y [[buffer(1)]],
    constant ScanTiles& shape [[buffer(2)]],
    device metal::atomic_uint* state [[buffer(3)]],
    uint thread_in_group [[thread_position_in_threadgroup]],
    uint group_size [[threads_per_threadgroup]],
    uint lane [[thread_index_in_simdgroup]],
    uint simd_group [[simdgroup_index_in_threadgroup]],
    uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup T shared[kMaxSimdGroups];
  threadgroup T shared_before[kMaxSimdGroups];
  threadgroup uint ticket;
  if (thread_in_group == 0) {
    ticket = metal::atomic_fetch_add_explicit(state, 1, metal::memory_order_relaxed);
  }
  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  const uint index = ticket;
  const uint line = index / shape.tiles;
  const uint tile = index % shape.tiles;
  constexpr uint kRun = kTileRounds<T> * kSpan;  // elements of a SIMD-group
  const uint begin = tile * simd_groups * kRun;
  const uint length = shape.n - begin;
  const uint first = simd_group * kRun + lane * kItems;
  x += ulong(line) * shape.n + begin;
  y += ulong(line) * shape.n + begin;

  ScanRuns<T, kTileRounds<T>> runs;
  const bool whole = length >= simd_groups * kRun;  // one test for all threads
  if (whole) {
    runs.template load<true>(x, first, length);
  } else {
    runs.template load<false>(x, first, length);
  }
  T total;
  const T in_tile = simdgroups_exclusive_sum_once(
      runs.simd_sum(lane), shared, total, lane, simd_group, simd_groups);

  // Others wait for the sum, so it goes out before the scan is made. Theirs are asked for after it:
  // asked for sooner, most would not be there, and asking again slows down everybody's answer.
  const uint words = kPublishedWords<T>;
  const uint blocks = (shape.tiles - 1) / group_size + 1;  // of a line, an anchor at each
  device metal::atomic_uint* sums = state + 1;
  device metal::atomic_uint* anchors =
      sums + (shape.lines * shape.tiles + line * blocks + tile / group_size) * words;
  if (thread_in_group == 0) {
    publish(sums + index * words, total);
  }
  const uint since_anchor = tile % group_size;
  runs.scan(lane);
  T added = 0;
  if (thread_in_group < since_anchor) {
    added = published<T>(sums + (index - since_anchor + thread_in_group) * words);
  } else if (thread_in_group == group_size - 1 && tile >= group_size) {
    added = published<T>(anchors);
  }
  metal::simdgroup_barrier(metal::mem_flags::mem_none);  // lanes have waited for different tiles
  T before;
  const T lanes_before = simd_exclusive_sum(added, lane);
  simdgroups_exclusive_sum_once(
      simd_last(T(lanes_before + added)), shared_before, before, lane, simd_group, simd_groups);
  if (thread_in_group == 0 && since_anchor == group_size - 1 && tile + 1 < shape.tiles) {
    publish(anchors + words, T(before + total));
  }
  if (whole) {
    runs.template store<exclusive, true>(y, first, length, T(before + in_tile));
  } else {
    runs.template store<exclusive, false>(y, first, length, T(before + in_tile));
  }
}

/// What one thread of a column kernel walks: neighbouring threads take neighbouring columns.
struct Column {
  ulong start;
  uint length;
};

inline Column column_of(uint thread_index, constant ScanShape& shape) {
  const uint segment = thread_index / shape.inner % shape.segments;
  const uint outer = thread_index / shape.inner / shape.segments;
  const uint begin = segment * shape.segment;
  Column column;
  column.start = (ulong(outer) * shape.n + begin) * shape.inner + thread_index % shape.inner;
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
  x += column.start;
  y += column.start;
  for (uint k = 0; k < column.length; ++k, x += shape.inner, y += shape.inner) {
    const T next = running + *x;
    *y = exclusive ? running : next;
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
  x += column.start;
  for (uint k = 0; k < column.length; ++k, x += shape.inner) {
    sum += *x;
  }
  sums[thread_index] = sum;
}
