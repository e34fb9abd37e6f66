// Reductions of x[outer, length, inner] along its middle dimension. What is reduced, an operator
// says:
//
//   struct Operator {
//     using Input = float;                   // element of x
//     using Partial = float;                 // result of a part, stored between passes
//     using Output = float;
//     static Partial identity();
//     static Partial load(Input x, uint i);  // i: position along the reduced dimension mod 2^32
//     static Partial combine(Partial a, Partial b);
//     static Output finish(Partial p, ulong length);
//   };
//
// A Partial that is not float, int, uint or ulong needs a function shuffle_xor. Sums run in short
// chains that are combined as trees, so they are as accurate as pairwise summation, and in an order
// that only the shape decides, so they are reproducible. The launcher is
// kernels/common/reduction.hpp; it knows the structs of arguments below.
#pragma once

#include <metal_stdlib>

#include "ingot/kernel.h"

// Rows of contiguous elements, several for a SIMD-group: `lanes` (a power of two, at most 32)
// threads share a row.
struct ReduceRows {
  uint rows, length, lanes, aligned;  // aligned: every row starts at a multiple of 4 elements
};

// Long rows of contiguous elements, `blocks` threadgroups for each.
struct ReduceBlocks {
  ulong length;
  uint blocks, block_length, aligned;
};

// Columns: `width` (a power of two) neighbouring results for a threadgroup, which reads
// `block_length` of their `length` elements; `blocks` threadgroups share a column. `total`: the
// elements that went into each result.
struct ReduceColumns {
  ulong total;
  uint columns, inner, length, blocks, block_length, width;
};

constant constexpr uint kReduceGroup = 256;  // most threads of a threadgroup of reduce_columns
constant constexpr uint kReduceUnroll = 4;   // loads in flight per thread

inline float shuffle_xor(float v, ushort mask) {
  return metal::simd_shuffle_xor(v, mask);
}
inline int shuffle_xor(int v, ushort mask) {
  return metal::simd_shuffle_xor(v, mask);
}
inline uint shuffle_xor(uint v, ushort mask) {
  return metal::simd_shuffle_xor(v, mask);
}
// SIMD-groups exchange 32 bits at a time.
inline ulong shuffle_xor(ulong v, ushort mask) {
  const uint low = metal::simd_shuffle_xor(uint(v), mask);
  const uint high = metal::simd_shuffle_xor(uint(v >> 32), mask);
  return (ulong(high) << 32) | low;
}

// The operator of a later pass, which reduces partial results.
template <class Op>
struct MergePartials {
  using Input = typename Op::Partial;
  using Partial = typename Op::Partial;
  using Output = typename Op::Output;
  static Partial identity() { return Op::identity(); }
  static Partial load(Input p, uint) { return p; }
  static Partial combine(Partial a, Partial b) { return Op::combine(a, b); }
  static Output finish(Partial p, ulong length) { return Op::finish(p, length); }
};

// The same reduction, left unfinished for a later pass.
template <class Op>
struct KeepPartials : Op {
  using Output = typename Op::Partial;
  static Output finish(typename Op::Partial p, ulong) { return p; }
};

// Reduces over aligned sets of `lanes` neighbouring lanes; every lane gets the result.
template <class Op>
inline typename Op::Partial reduce_lanes(typename Op::Partial p, uint lanes) {
  for (uint distance = lanes / 2; distance > 0; distance /= 2) {
    p = Op::combine(p, shuffle_xor(p, ushort(distance)));
  }
  return p;
}

template <class T>
inline metal::vec<T, 4> load_four(device const T* x, bool aligned) {
  if (aligned) {
    return *reinterpret_cast<device const metal::vec<T, 4>*>(x);
  }
  return metal::vec<T, 4>(x[0], x[1], x[2], x[3]);
}

template <class Op>
inline typename Op::Partial reduce_four(metal::vec<typename Op::Input, 4> v, uint i) {
  return Op::combine(Op::combine(Op::load(v.x, i), Op::load(v.y, i + 1)),
                     Op::combine(Op::load(v.z, i + 2), Op::load(v.w, i + 3)));
}

// What one of `threads` threads contributes to x[0..count), whose first element is at position
// `first`.
template <class Op>
inline typename Op::Partial reduce_share(device const typename Op::Input* x,
                                         uint count,
                                         uint first,
                                         uint index,
                                         uint threads,
                                         bool aligned) {
  typename Op::Partial sum = Op::identity();
  const uint stride = 4 * threads;
  uint i = 4 * index;
  for (; i + (kReduceUnroll - 1) * stride + 4 <= count; i += kReduceUnroll * stride) {
    metal::vec<typename Op::Input, 4> v[kReduceUnroll];
    for (uint k = 0; k < kReduceUnroll; ++k) {
      v[k] = load_four(x + i + k * stride, aligned);
    }
    typename Op::Partial step = reduce_four<Op>(v[0], first + i);
    for (uint k = 1; k < kReduceUnroll; ++k) {
      step = Op::combine(step, reduce_four<Op>(v[k], first + i + k * stride));
    }
    sum = Op::combine(sum, step);
  }
  for (; i < count; i += stride) {
    for (uint k = i; k < metal::min(i + 4, count); ++k) {
      sum = Op::combine(sum, Op::load(x[k], first + k));
    }
  }
  return sum;
}

template <class Op>
[[kernel]] void reduce_rows(device const typename Op::Input* x [[buffer(0)]],
                            device typename Op::Output* y [[buffer(1)]],
                            constant ReduceRows& args [[buffer(2)]],
                            uint group [[threadgroup_position_in_grid]],
                            uint thread_in_group [[thread_position_in_threadgroup]],
                            uint threads [[threads_per_threadgroup]]) {
  const uint row = group * (threads / args.lanes) + thread_in_group / args.lanes;
  const uint lane = thread_in_group % args.lanes;
  typename Op::Partial sum = Op::identity();
  if (row < args.rows) {
    sum = reduce_share<Op>(
        x + ulong(row) * args.length, args.length, 0, lane, args.lanes, args.aligned != 0);
  }
  sum = reduce_lanes<Op>(sum, args.lanes);
  if (row < args.rows && lane == 0) {
    y[row] = Op::finish(sum, args.length);
  }
}

// Writes partials[row, block].
template <class Op>
[[kernel]] void reduce_blocks(device const typename Op::Input* x [[buffer(0)]],
                              device typename Op::Partial* partials [[buffer(1)]],
                              constant ReduceBlocks& args [[buffer(2)]],
                              uint group [[threadgroup_position_in_grid]],
                              uint thread_in_group [[thread_position_in_threadgroup]],
                              uint threads [[threads_per_threadgroup]],
                              uint lane [[thread_index_in_simdgroup]],
                              uint simd_group [[simdgroup_index_in_threadgroup]]) {
  threadgroup typename Op::Partial shared[32];
  const ulong first = ulong(group % args.blocks) * args.block_length;
  device const typename Op::Input* start = x + group / args.blocks * args.length + first;
  const uint count = uint(metal::min(args.length - first, ulong(args.block_length)));
  typename Op::Partial sum =
      reduce_share<Op>(start, count, uint(first), thread_in_group, threads, args.aligned != 0);
  sum = reduce_lanes<Op>(sum, 32);
  if (lane == 0) {
    shared[simd_group] = sum;
  }
  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  if (simd_group == 0) {
    sum = Op::identity();
    if (lane < threads / 32) {
      sum = shared[lane];
    }
    sum = reduce_lanes<Op>(sum, 32);
    if (lane == 0) {
      partials[group] = sum;
    }
  }
}

// Writes y[outer, block, inner]. Threads are laid out as [rows, width]: neighbours read
// neighbouring columns.
template <class Op>
[[kernel]] void reduce_columns(device const typename Op::Input* x [[buffer(0)]],
                               device typename Op::Output* y [[buffer(1)]],
                               constant ReduceColumns& args [[buffer(2)]],
                               uint group [[threadgroup_position_in_grid]],
                               uint thread_in_group [[thread_position_in_threadgroup]],
                               uint threads [[threads_per_threadgroup]]) {
  threadgroup typename Op::Partial shared[kReduceGroup];
  const uint rows = threads / args.width;
  const uint row = thread_in_group / args.width;
  const uint column = group / args.blocks * args.width + thread_in_group % args.width;
  const uint block = group % args.blocks;
  const uint first = block * args.block_length;
  const uint count = metal::min(args.length - first, args.block_length);
  const uint outer = column / args.inner;
  typename Op::Partial sum = Op::identity();
  if (column < args.columns) {
    device const typename Op::Input* p =
        x + (ulong(outer) * args.length + first + row) * args.inner + column % args.inner;
    const ulong stride = ulong(rows) * args.inner;
    uint i = row;
    for (; i + (kReduceUnroll - 1) * rows < count;
         i += kReduceUnroll * rows, p += kReduceUnroll * stride) {
      typename Op::Partial step = Op::load(p[0], first + i);
      for (uint k = 1; k < kReduceUnroll; ++k) {
        step = Op::combine(step, Op::load(p[k * stride], first + i + k * rows));
      }
      sum = Op::combine(sum, step);
    }
    for (; i < count; i += rows, p += stride) {
      sum = Op::combine(sum, Op::load(*p, first + i));
    }
  }
  for (uint distance = rows / 2; distance > 0; distance /= 2) {
    shared[thread_in_group] = sum;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (row < distance) {
      sum = Op::combine(sum, shared[thread_in_group + distance * args.width]);
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
  }
  if (row == 0 && column < args.columns) {
    y[(ulong(outer) * args.blocks + block) * args.inner + column % args.inner] =
        Op::finish(sum, args.total);
  }
}

// The entry points of one operator, all of which the launcher asks for.
#define INGOT_REDUCTION(name, Operator)                                       \
  INGOT_KERNEL(name, reduce_rows<Operator>)                                   \
  INGOT_KERNEL(name "_blocks", reduce_blocks<Operator>)                       \
  INGOT_KERNEL(name "_columns", reduce_columns<Operator>)                     \
  INGOT_KERNEL(name "_column_blocks", reduce_columns<KeepPartials<Operator>>) \
  INGOT_KERNEL(name "_merge", reduce_columns<MergePartials<Operator>>)
