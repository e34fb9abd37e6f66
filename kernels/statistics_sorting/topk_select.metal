#include <metal_stdlib>

using namespace metal;

// A value and its index as one number: the better of two elements has the greater pair, and no two
// are equal. Above is a key that orders as the values do (inverted for the smallest), below the
// inverted index, so that a tie goes to the smaller index. 0 is no element's pair.

inline uint key_of_f32(uint bits) {
  const bool nan = (bits & 0x7fffffff) > 0x7f800000;  // greater than any number, whatever its sign
  const uint magnitude = bits == 0x80000000 ? 0 : bits;  // -0.0 equals +0.0
  const uint key = (magnitude >> 31) != 0 ? ~magnitude : magnitude | 0x80000000;
  return nan ? 0xffffffff : key;
}

struct F32 {
  typedef uint Bits;
  static uint key(uint bits) { return key_of_f32(bits); }
  static float value(uint bits) { return as_type<float>(bits); }
};

struct F16 {
  typedef ushort Bits;
  static uint key(ushort bits) { return key_of_f32(as_type<uint>(value(bits))); }
  static float value(ushort bits) { return float(as_type<half>(bits)); }
};

struct BF16 {
  typedef ushort Bits;
  static uint key(ushort bits) { return key_of_f32(uint(bits) << 16); }
  static float value(ushort bits) { return as_type<float>(uint(bits) << 16); }
};

// Elements of x as pairs; `invert` is 0 for the largest, all ones for the smallest.
template <class Type>
struct Elements {
  using Raw = typename Type::Bits;
  static constant constexpr uint kPacks = 8;  // four elements each that a thread takes in a long step
  device const Raw* x;
  uint first;
  uint invert;
  ulong pair(Raw raw, uint i) const {
    return (ulong(Type::key(raw) ^ invert) << 32) | ~(first + i);
  }
  ulong operator()(uint i) const { return pair(x[i], i); }

  // A test that is quicker than making the pair: it holds for all whose pair is above a threshold,
  // and for few others.
  struct Test {
    float sign, limit;
    bool operator()(Raw raw) const { return !(sign * Type::value(raw) < limit); }
  };
  Test test(ulong threshold) const {
    const uint key = uint(threshold >> 32) ^ invert;
    const float value = as_type<float>((key & 0x80000000) != 0 ? key ^ 0x80000000 : ~key);
    const float sign = invert == 0 ? 1.0f : -1.0f;
    return {sign, sign * value};
  }
};

struct Pairs {
  using Raw = ulong;
  static constant constexpr uint kPacks = 2;
  device const ulong* x;
  ulong pair(ulong raw, uint) const { return raw; }
  ulong operator()(uint i) const { return x[i]; }

  struct Test {
    ulong threshold;
    bool operator()(ulong raw) const { return raw > threshold; }
  };
  Test test(ulong threshold) const { return {threshold}; }
};

// Bitonic network (Batcher, 1968) over a power of two of pairs.
inline void sort_descending(threadgroup ulong* pairs, uint size, uint thread_index, uint threads) {
  for (uint run = 2; run <= size; run *= 2) {
    for (uint distance = run / 2; distance > 0; distance /= 2) {
      for (uint i = thread_index; i < size / 2; i += threads) {
        const uint low = 2 * i - (i & (distance - 1));
        const ulong a = pairs[low];
        const ulong b = pairs[low + distance];
        if ((a < b) == ((low & run) == 0)) {
          pairs[low] = b;
          pairs[low + distance] = a;
        }
      }
      // Up to a distance of 32, a SIMD-group stays within its own 64 pairs.
      const uint next = distance > 1 ? distance / 2 : run;
      if (max(distance, next) > 32) {
        threadgroup_barrier(mem_flags::mem_threadgroup);
      } else {
        simdgroup_barrier(mem_flags::mem_threadgroup);
      }
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
}

// As in topk_select.cpp.
struct SelectShape {
  uint n;         // elements of a row
  uint segment;   // elements of a segment; the last of a row may be shorter
  uint segments;  // of a row
  uint k;
  uint capacity;  // of the threadgroup memory, in pairs: a power of two, at least k + one step
  uint loads;     // elements that a thread takes in a step that surely fits
  uint lists;     // sorted lists of k pairs that x consists of, to be looked at first; or 0
  uint invert;
};

// Whether segments start at a multiple of four elements.
constant bool kAligned [[function_constant(1)]];

// The list is cut at the latest when it is this many times as long as need be, so that the
// threshold follows what has been seen.
constant constexpr uint kSlack = 4;

// The threadgroup's list of candidates. What does not fit is counted, but not kept.
struct Candidates {
  threadgroup ulong* pairs;
  threadgroup atomic_uint* count;
  uint capacity;

  void push(ulong pair) const {
    const uint at = atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
    if (at < capacity) {
      pairs[at] = pair;
    }
  }
  // For all threads, after all have pushed.
  uint size() const {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    const uint result = atomic_load_explicit(count, memory_order_relaxed);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return result;
  }
};

// Streams through a segment and keeps pairs above the k-th best so far; when they no longer fit,
// they are sorted and cut to the best k, which raises the threshold. Once there is a threshold, few
// pass it, so long steps are tried: one that leaves more candidates than fit is forgotten and done
// again in short ones. Writes k pairs, best first, filled up with 0. All of the k best are above
// `threshold`; 0 when nothing is known.
template <class Source>
inline void select_segment(Source source,
                           uint length,
                           constant SelectShape& shape,
                           device ulong* best,
                           Candidates candidates,
                           ulong threshold,
                           uint thread_index,
                           uint threads) {
  threadgroup ulong* pairs = candidates.pairs;
  if (thread_index == 0) {
    atomic_store_explicit(candidates.count, 0, memory_order_relaxed);
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  constexpr uint kPacks = Source::kPacks;
  const uint step = threads * shape.loads;
  const uint long_step = threads * 4 * kPacks;
  auto may_pass = source.test(threshold);
  uint kept = 0;
  uint short_until = 0;
  for (uint base = 0; base < length;) {
    if (kAligned && threshold != 0 && base >= short_until && length - base > long_step) {
      vec<typename Source::Raw, 4> loaded[kPacks];
      for (uint p = 0; p < kPacks; ++p) {
        const uint i = base + (p * threads + thread_index) * 4;
        loaded[p] = *reinterpret_cast<device const vec<typename Source::Raw, 4>*>(source.x + i);
      }
      for (uint p = 0; p < kPacks; ++p) {
        const uint i = base + (p * threads + thread_index) * 4;
        for (uint k = 0; k < 4; ++k) {
          if (may_pass(loaded[p][k])) {
            const ulong pair = source.pair(loaded[p][k], i + k);
            if (pair > threshold) {
              candidates.push(pair);
            }
          }
        }
      }
      const uint found = candidates.size();
      if (found <= shape.capacity) {
        kept = found;
        base += long_step;
      } else {
        short_until = base + long_step;
        if (thread_index == 0) {
          atomic_store_explicit(candidates.count, kept, memory_order_relaxed);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
      }
    } else if (kept + step <= shape.capacity) {
      for (uint j = 0; j < shape.loads; ++j) {
        const uint i = base + j * threads + thread_index;
        const ulong pair = i < length ? source(i) : 0;
        if (pair > threshold) {
          candidates.push(pair);
        }
      }
      kept = candidates.size();
      base += step;
    }
    if (base >= length || kept > kSlack * shape.k || kept + step > shape.capacity) {
      uint size = 2;
      while (size < kept) {
        size *= 2;
      }
      for (uint i = kept + thread_index; i < size; i += threads) {
        pairs[i] = 0;
      }
      kept = min(kept, shape.k);
      if (thread_index == 0) {
        atomic_store_explicit(candidates.count, kept, memory_order_relaxed);
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      sort_descending(pairs, size, thread_index, threads);
      threshold = kept == shape.k ? pairs[shape.k - 1] : 0;
      may_pass = source.test(threshold);
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
  }
  for (uint i = thread_index; i < shape.k; i += threads) {
    best[i] = i < kept ? pairs[i] : 0;
  }
}

// One threadgroup per segment of a row.
template <class Type>
[[kernel]] void topk_select(device const typename Type::Bits* x [[buffer(0)]],
                            device ulong* best [[buffer(1)]],
                            constant SelectShape& shape [[buffer(2)]],
                            threadgroup ulong* pairs [[threadgroup(0)]],
                            uint group [[threadgroup_position_in_grid]],
                            uint thread_index [[thread_position_in_threadgroup]],
                            uint threads [[threads_per_threadgroup]]) {
  threadgroup atomic_uint count;
  const uint begin = group % shape.segments * shape.segment;
  const Elements<Type> source = {
      x + ulong(group / shape.segments) * shape.n + begin, begin, shape.invert};
  select_segment(source,
                 min(shape.segment, shape.n - begin),
                 shape,
                 best + ulong(group) * shape.k,
                 {pairs, &count, shape.capacity},
                 0,
                 thread_index,
                 threads);
}

template [[host_name("topk_select_f32")]] [[kernel]] decltype(topk_select<F32>) topk_select<F32>;
template [[host_name("topk_select_f16")]] [[kernel]] decltype(topk_select<F16>) topk_select<F16>;
template [[host_name("topk_select_bf16")]] [[kernel]] decltype(topk_select<BF16>) topk_select<BF16>;

// The first pairs of sorted lists: the k-th best of them is no better than the k-th best of all.
inline ulong threshold_of_lists(device const ulong* x,
                                constant SelectShape& shape,
                                threadgroup ulong* pairs,
                                uint thread_index,
                                uint threads) {
  uint size = 2;
  while (size < shape.lists) {
    size *= 2;
  }
  for (uint i = thread_index; i < size; i += threads) {
    pairs[i] = i < shape.lists ? x[i * shape.k] : 0;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  sort_descending(pairs, size, thread_index, threads);
  const ulong worst = pairs[shape.k - 1];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  return worst == 0 ? 0 : worst - 1;
}

// The same over pairs that earlier dispatches selected, by up to 1024 threads.
[[kernel, max_total_threads_per_threadgroup(1024)]] void topk_select_merge(device const ulong* x [[buffer(0)]],
                                  device ulong* best [[buffer(1)]],
                                  constant SelectShape& shape [[buffer(2)]],
                                  threadgroup ulong* pairs [[threadgroup(0)]],
                                  uint group [[threadgroup_position_in_grid]],
                                  uint thread_index [[thread_position_in_threadgroup]],
                                  uint threads [[threads_per_threadgroup]]) {
  threadgroup atomic_uint count;
  const uint begin = group % shape.segments * shape.segment;
  ulong threshold = 0;
  if (shape.lists != 0) {
    threshold = threshold_of_lists(x + ulong(group) * shape.n, shape, pairs, thread_index, threads);
  }
  const Pairs source = {x + ulong(group / shape.segments) * shape.n + begin};
  select_segment(source,
                 min(shape.segment, shape.n - begin),
                 shape,
                 best + ulong(group) * shape.k,
                 {pairs, &count, shape.capacity},
                 threshold,
                 thread_index,
                 threads);
}

// For large k whole rows of pairs are sorted, each row filled up to a power of two.
struct SortShape {
  uint n;
  uint padded;
  uint first_row;
  uint invert;
};

template <class Type>
[[kernel]] void topk_sort_fill(device const typename Type::Bits* x [[buffer(0)]],
                               device ulong* pairs [[buffer(1)]],
                               constant SortShape& shape [[buffer(2)]],
                               uint thread_index [[thread_position_in_grid]]) {
  const uint row = shape.first_row + thread_index / shape.padded;
  const uint i = thread_index % shape.padded;
  const Elements<Type> source = {x + ulong(row) * shape.n, 0, shape.invert};
  pairs[thread_index] = i < shape.n ? source(i) : 0;
}

template [[host_name("topk_sort_fill_f32")]] [[kernel]]
    decltype(topk_sort_fill<F32>) topk_sort_fill<F32>;
template [[host_name("topk_sort_fill_f16")]] [[kernel]]
    decltype(topk_sort_fill<F16>) topk_sort_fill<F16>;
template [[host_name("topk_sort_fill_bf16")]] [[kernel]]
    decltype(topk_sort_fill<BF16>) topk_sort_fill<BF16>;

constant constexpr uint kSortTile = 2048;  // pairs of a threadgroup, 16 KiB; as in topk_select.cpp

// Stages of the bitonic network that lie within a tile: runs from `first_run` to `last_run`.
[[kernel]] void topk_sort_tile(device ulong* pairs [[buffer(0)]],
                               constant uint& padded [[buffer(1)]],
                               constant uint& first_run [[buffer(2)]],
                               constant uint& last_run [[buffer(3)]],
                               uint group [[threadgroup_position_in_grid]],
                               uint thread_index [[thread_position_in_threadgroup]],
                               uint threads [[threads_per_threadgroup]]) {
  threadgroup ulong tile[kSortTile];
  const uint start = group * kSortTile;
  for (uint i = thread_index; i < kSortTile; i += threads) {
    tile[i] = pairs[start + i];
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint run = first_run; run <= last_run; run *= 2) {
    for (uint distance = min(run, kSortTile) / 2; distance > 0; distance /= 2) {
      for (uint i = thread_index; i < kSortTile / 2; i += threads) {
        const uint low = 2 * i - (i & (distance - 1));
        const bool descending = ((start + low) & (padded - 1) & run) == 0;
        const ulong a = tile[low];
        const ulong b = tile[low + distance];
        if ((a < b) == descending) {
          tile[low] = b;
          tile[low + distance] = a;
        }
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
  }
  for (uint i = thread_index; i < kSortTile; i += threads) {
    pairs[start + i] = tile[i];
  }
}

// One stage across tiles.
[[kernel]] void topk_sort_step(device ulong* pairs [[buffer(0)]],
                               constant uint& padded [[buffer(1)]],
                               constant uint& run [[buffer(2)]],
                               constant uint& distance [[buffer(3)]],
                               uint i [[thread_position_in_grid]]) {
  const uint low = 2 * i - (i & (distance - 1));
  const bool descending = (low & (padded - 1) & run) == 0;
  const ulong a = pairs[low];
  const ulong b = pairs[low + distance];
  if ((a < b) == descending) {
    pairs[low] = b;
    pairs[low + distance] = a;
  }
}

struct WriteShape {
  uint n;
  uint k;
  uint stride;  // pairs from one row to the next
  uint first_row;
};

constant bool kHasLabels [[function_constant(0)]];

// Values are fetched again from x, so that they keep every bit (the sign of zero, the payload of
// NaN).
template <class T>
[[kernel]] void topk_write(device const T* x [[buffer(0)]],
                           device const ulong* best [[buffer(1)]],
                           device T* values [[buffer(2)]],
                           device long* indices [[buffer(3)]],
                           constant WriteShape& shape [[buffer(4)]],
                           device const uint* labels [[buffer(5), function_constant(kHasLabels)]],
                           uint thread_index [[thread_position_in_grid]]) {
  const uint row = thread_index / shape.k;
  const uint j = thread_index % shape.k;
  const uint index = ~uint(best[ulong(row) * shape.stride + j]);
  const ulong to = ulong(shape.first_row) * shape.k + thread_index;
  const ulong from = ulong(shape.first_row + row) * shape.n + index;
  values[to] = x[from];
  indices[to] = kHasLabels ? labels[from] : index;
}

// By element size.
template [[host_name("topk_write_4")]] [[kernel]] decltype(topk_write<uint>) topk_write<uint>;
template [[host_name("topk_write_2")]] [[kernel]] decltype(topk_write<ushort>) topk_write<ushort>;
