#include "ingot/scan.h"

// Count, scan, write: `compact_mask_count` counts what each segment keeps, an exclusive scan turns
// the counts into the places where the segments begin in y, and the writers walk their segments in
// tiles: they list in threadgroup memory what a tile keeps, and neighbouring threads write
// neighbouring elements of y. One segment needs the writer alone.

// As in compact_mask.cpp.
struct CompactShape {
  uint n;
  uint segment;  // elements of a segment; the last may be shorter
};

constant bool has_offsets [[function_constant(0)]];
// Whether every row of the mask starts at a multiple of kMaskPack elements, as segments do.
constant bool kAligned [[function_constant(1)]];

constant constexpr uint kMaskPack = 16;
constant constexpr uint kGroup = 256;                     // most threads of a writer
constant constexpr uint kTile = kGroup * kItems * kRounds;  // elements

// The top bit of each byte of `word` that is not 0.
inline uint bytes_set(uint word) {
  return (((word & 0x7f7f7f7fu) + 0x7f7f7f7fu) | word) & 0x80808080u;
}

// A bit for each of mask[i .. i + kItems) that is set, below `length`.
inline uint mask_bits(device const uchar* mask, uint i, uint length) {
  if (kAligned && i + kItems <= length) {
    const uint set = bytes_set(*reinterpret_cast<device const uint*>(mask + i)) >> 7;
    return (set | set >> 7 | set >> 14 | set >> 21) & 15;
  }
  uint bits = 0;
  for (uint k = 0; k < kItems; ++k) {
    bits |= uint(i + k < length && mask[i + k] != 0) << k;
  }
  return bits;
}

[[kernel]] void compact_mask_count(device const uchar* mask [[buffer(0)]],
                                   device uint* counts [[buffer(1)]],
                                   constant CompactShape& shape [[buffer(2)]],
                                   uint group [[threadgroup_position_in_grid]],
                                   uint thread_in_group [[thread_position_in_threadgroup]],
                                   uint group_size [[threads_per_threadgroup]],
                                   uint lane [[thread_index_in_simdgroup]],
                                   uint simd_group [[simdgroup_index_in_threadgroup]],
                                   uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup uint shared[kMaxSimdGroups];
  const uint begin = group * shape.segment;
  const uint length = metal::min(shape.segment, shape.n - begin);
  mask += begin;
  uint kept = 0;
  for (uint i = thread_in_group * kMaskPack; i < length; i += group_size * kMaskPack) {
    if (kAligned && i + kMaskPack <= length) {
      const uint4 words = *reinterpret_cast<device const uint4*>(mask + i);
      for (uint k = 0; k < 4; ++k) {
        kept += metal::popcount(bytes_set(words[k]));
      }
    } else {
      for (uint k = i; k < metal::min(i + kMaskPack, length); ++k) {
        kept += mask[k] != 0;
      }
    }
  }
  uint total;
  simdgroups_exclusive_sum(metal::simd_sum(kept), shared, total, lane, simd_group, simd_groups);
  if (thread_in_group == 0) {
    counts[group] = total;
  }
}

template <class T>
struct Elements {
  device const T* x;
  T operator()(uint i) const { return x[i]; }
};

struct Indices {
  uint operator()(uint i) const { return i; }
};

struct Thread {
  uint group, groups, lane, simd_group, simd_groups;
};

// Writes value(i) for every i of the segment that the mask keeps, after the `kept` that come before
// it, while there is room in y. Returns how many are kept so far.
template <class T, class Value>
inline uint compact_segment(Value value,
                            device const uchar* mask,
                            device T* y,
                            uint room,
                            constant CompactShape& shape,
                            uint kept,
                            threadgroup uint* shared,
                            threadgroup ushort* places,
                            Thread thread_id) {
  const uint threads = thread_id.simd_groups * kSimdWidth;
  const uint index = thread_id.simd_group * kSimdWidth + thread_id.lane;
  const uint begin = thread_id.group * shape.segment;
  const uint length = metal::min(shape.segment, shape.n - begin);
  for (uint tile = 0; tile < length; tile += threads * kItems * kRounds) {
    const uint first = thread_id.simd_group * kSimdGroupTile + thread_id.lane * kItems;
    uint flags[kRounds];
    for (uint round = 0; round < kRounds; ++round) {
      flags[round] = mask_bits(mask + begin, tile + first + round * kSpan, length);
    }
    // The rounds' counts fit a byte each, so one sum over the lanes does for all.
    uint own = 0;
    for (uint round = 0; round < kRounds; ++round) {
      own |= metal::popcount(flags[round]) << (8 * round);
    }
    const uint lanes_before = simd_exclusive_sum(own, thread_id.lane);
    const uint all = simd_last(lanes_before + own);
    uint before[kRounds];
    uint sum = 0;
    for (uint round = 0; round < kRounds; ++round) {
      before[round] = sum + ((lanes_before >> (8 * round)) & 255);
      sum += (all >> (8 * round)) & 255;
    }
    uint total;
    const uint base = simdgroups_exclusive_sum(
        sum, shared, total, thread_id.lane, thread_id.simd_group, thread_id.simd_groups);
    for (uint round = 0; round < kRounds; ++round) {
      uint to = base + before[round];
      for (uint k = 0; k < kItems; ++k) {
        if ((flags[round] >> k) & 1) {
          places[to++] = ushort(first + round * kSpan + k);
        }
      }
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    // The next tile's sums are a barrier between this reading and its writing of the places.
    const uint count = metal::min(total, room - metal::min(kept, room));
    for (uint j = index; j < count; j += kRounds * threads) {
      T values[kRounds];
      for (uint round = 0; round < kRounds; ++round) {
        if (j + round * threads < count) {
          values[round] = value(begin + tile + places[j + round * threads]);
        }
      }
      for (uint round = 0; round < kRounds; ++round) {
        if (j + round * threads < count) {
          y[kept + j + round * threads] = values[round];
        }
      }
    }
    kept += total;
  }
  return kept;
}

// The last segment writes how many are kept in all.
inline void write_count(device ulong* count, uint kept, Thread thread_id) {
  if (thread_id.group + 1 == thread_id.groups && thread_id.simd_group == 0 && thread_id.lane == 0) {
    *count = kept;
  }
}

template <class T>
[[kernel, max_total_threads_per_threadgroup(kGroup)]] void compact_mask(device const T* x [[buffer(0)]],
                             device const uchar* mask [[buffer(1)]],
                             device T* y [[buffer(2)]],
                             device ulong* count [[buffer(3)]],
                             constant CompactShape& shape [[buffer(4)]],
                             device const uint* offsets
                             [[buffer(5), function_constant(has_offsets)]],
                             uint group [[threadgroup_position_in_grid]],
                             uint groups [[threadgroups_per_grid]],
                             uint lane [[thread_index_in_simdgroup]],
                             uint simd_group [[simdgroup_index_in_threadgroup]],
                             uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup uint shared[kMaxSimdGroups];
  threadgroup ushort places[kTile];
  uint kept = 0;
  if (has_offsets) {
    kept = offsets[group];
  }
  const Thread thread_id = {group, groups, lane, simd_group, simd_groups};
  kept = compact_segment(Elements<T>{x}, mask, y, shape.n, shape, kept, shared, places, thread_id);
  write_count(count, kept, thread_id);
}

// By element size.
template [[host_name("compact_mask_1")]] [[kernel]]
    decltype(compact_mask<uchar>) compact_mask<uchar>;
template [[host_name("compact_mask_2")]] [[kernel]]
    decltype(compact_mask<ushort>) compact_mask<ushort>;
template [[host_name("compact_mask_4")]] [[kernel]] decltype(compact_mask<uint>) compact_mask<uint>;
template [[host_name("compact_mask_8")]] [[kernel]]
    decltype(compact_mask<ulong>) compact_mask<ulong>;

// Rows: first the indices of those kept, then each row's words are copied side by side.
[[kernel, max_total_threads_per_threadgroup(kGroup)]] void compact_mask_indices(device const uchar* mask [[buffer(0)]],
                                     device uint* indices [[buffer(1)]],
                                     device ulong* count [[buffer(2)]],
                                     constant CompactShape& shape [[buffer(3)]],
                                     device const uint* offsets
                                     [[buffer(4), function_constant(has_offsets)]],
                                     uint group [[threadgroup_position_in_grid]],
                                     uint groups [[threadgroups_per_grid]],
                                     uint lane [[thread_index_in_simdgroup]],
                                     uint simd_group [[simdgroup_index_in_threadgroup]],
                                     uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup uint shared[kMaxSimdGroups];
  threadgroup ushort places[kTile];
  uint kept = 0;
  if (has_offsets) {
    kept = offsets[group];
  }
  const Thread thread_id = {group, groups, lane, simd_group, simd_groups};
  kept = compact_segment(Indices(), mask, indices, shape.n, shape, kept, shared, places, thread_id);
  write_count(count, kept, thread_id);
}

// Without x: a threadgroup for each row of the mask, whose segment is the whole row.
[[kernel, max_total_threads_per_threadgroup(kGroup)]] void compact_mask_columns(device const uchar* mask [[buffer(0)]],
                                     device uint* columns [[buffer(1)]],
                                     device ulong* counts [[buffer(2)]],
                                     constant CompactShape& shape [[buffer(3)]],
                                     constant uint& room [[buffer(4)]],
                                     uint row [[threadgroup_position_in_grid]],
                                     uint thread_in_group [[thread_position_in_threadgroup]],
                                     uint group_size [[threads_per_threadgroup]],
                                     uint lane [[thread_index_in_simdgroup]],
                                     uint simd_group [[simdgroup_index_in_threadgroup]],
                                     uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup uint shared[kMaxSimdGroups];
  threadgroup ushort places[kTile];
  device const uchar* own_mask = mask + ulong(row) * shape.n;
  device uint* own_columns = columns + ulong(row) * room;
  const Thread thread_id = {0, 1, lane, simd_group, simd_groups};
  const uint kept = compact_segment(Indices(), own_mask, own_columns, room, shape, 0, shared, places, thread_id);
  write_count(counts + row, kept, thread_id);
  for (uint i = kept + thread_in_group; i < room; i += group_size) {
    own_columns[i] = ~0u;
  }
}

template <class T>
[[kernel]] void compact_mask_rows(device const T* x [[buffer(0)]],
                                  device const uint* indices [[buffer(1)]],
                                  device const ulong* count [[buffer(2)]],
                                  device T* y [[buffer(3)]],
                                  constant uint& words [[buffer(4)]],
                                  constant uint& first_row [[buffer(5)]],
                                  uint i [[thread_position_in_grid]]) {
  const uint row = first_row + i / words;
  const uint word = i % words;
  if (row < *count) {
    y[ulong(row) * words + word] = x[ulong(indices[row]) * words + word];
  }
}

// By word size.
template [[host_name("compact_mask_rows_1")]] [[kernel]]
    decltype(compact_mask_rows<uchar>) compact_mask_rows<uchar>;
template [[host_name("compact_mask_rows_2")]] [[kernel]]
    decltype(compact_mask_rows<ushort>) compact_mask_rows<ushort>;
template [[host_name("compact_mask_rows_4")]] [[kernel]]
    decltype(compact_mask_rows<uint>) compact_mask_rows<uint>;
template [[host_name("compact_mask_rows_8")]] [[kernel]]
    decltype(compact_mask_rows<ulong>) compact_mask_rows<ulong>;
