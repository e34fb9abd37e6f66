#include "ingot/reduce.h"

using namespace metal;

// As in kernels/softmax/softmax_stable.cpp. `aligned`: every row starts at a multiple of 4
// elements. `lanes` (a power of two, at most 32): threads that share a row of softmax_short.
struct SoftmaxArguments {
  uint rows, length, lanes, aligned;
};

// The part of a row, of `length` elements from `start` on, that one of `threads` threads holds in
// registers: 4 * kVectors values, -inf beyond the end. Aligned rows are read four elements at once,
// others so that neighbouring threads still touch neighbouring elements.
template <class T, uint kVectors>
struct RowPart {
  uint length, index, threads;
  bool aligned;
  float values[4 * kVectors];

  void load(device const T* start) {
    for (uint k = 0; k < kVectors; ++k) {
      if (aligned) {
        const uint i = 4 * (k * threads + index);
        const float4 v = i < length ? float4(*reinterpret_cast<device const vec<T, 4>*>(start + i))
                                    : float4(-INFINITY);
        values[4 * k] = v.x;
        values[4 * k + 1] = v.y;
        values[4 * k + 2] = v.z;
        values[4 * k + 3] = v.w;
      } else {
        for (uint j = 0; j < 4; ++j) {
          const uint i = (4 * k + j) * threads + index;
          values[4 * k + j] = i < length ? float(start[i]) : -INFINITY;
        }
      }
    }
  }

  void store(device T* start, float scale) const {
    for (uint k = 0; k < kVectors; ++k) {
      if (aligned) {
        const uint i = 4 * (k * threads + index);
        if (i < length) {
          *reinterpret_cast<device vec<T, 4>*>(start + i) = vec<T, 4>(T(values[4 * k] * scale),
                                                                      T(values[4 * k + 1] * scale),
                                                                      T(values[4 * k + 2] * scale),
                                                                      T(values[4 * k + 3] * scale));
        }
      } else {
        for (uint j = 0; j < 4; ++j) {
          const uint i = (4 * k + j) * threads + index;
          if (i < length) {
            start[i] = T(values[4 * k + j] * scale);
          }
        }
      }
    }
  }

  float greatest() const {
    float result = values[0];
    for (uint k = 1; k < 4 * kVectors; ++k) {
      result = max(result, values[k]);
    }
    return result;
  }

  // Replaces the values by their exponentials and returns the sum.
  float exponentiate(float greatest) {
    float sum = 0;
    for (uint k = 0; k < 4 * kVectors; ++k) {
      values[k] = exp(values[k] - greatest);
      sum += values[k];
    }
    return sum;
  }
};

// Several rows for a SIMD-group. A row that holds NaN, +inf or nothing but -inf becomes NaN: some
// difference is NaN, and with it the sum.
template <class T, uint kVectors>
[[kernel]] void softmax_short(device const T* x [[buffer(0)]],
                              device T* y [[buffer(1)]],
                              constant SoftmaxArguments& args [[buffer(2)]],
                              uint group [[threadgroup_position_in_grid]],
                              uint thread_in_group [[thread_position_in_threadgroup]],
                              uint threads [[threads_per_threadgroup]]) {
  const uint row = group * (threads / args.lanes) + thread_in_group / args.lanes;
  const uint length = row < args.rows ? args.length : 0;
  const ulong start = row < args.rows ? ulong(row) * args.length : 0;
  RowPart<T, kVectors> part = {
      length, thread_in_group % args.lanes, args.lanes, args.aligned != 0, {}};
  part.load(x + start);
  float greatest = part.greatest();
  for (uint distance = args.lanes / 2; distance > 0; distance /= 2) {
    greatest = max(greatest, simd_shuffle_xor(greatest, ushort(distance)));
  }
  float sum = part.exponentiate(greatest);
  for (uint distance = args.lanes / 2; distance > 0; distance /= 2) {
    sum += simd_shuffle_xor(sum, ushort(distance));
  }
  part.store(y + start, 1 / sum);
}

// A threadgroup for each row.
template <class T, uint kVectors>
[[kernel]] void softmax_row(device const T* x [[buffer(0)]],
                            device T* y [[buffer(1)]],
                            constant SoftmaxArguments& args [[buffer(2)]],
                            uint row [[threadgroup_position_in_grid]],
                            uint thread_in_group [[thread_position_in_threadgroup]],
                            uint threads [[threads_per_threadgroup]],
                            uint lane [[thread_index_in_simdgroup]],
                            uint simd_group [[simdgroup_index_in_threadgroup]]) {
  threadgroup float maxima[32];
  threadgroup float sums[32];
  const bool has_value = lane < threads / 32;  // of a SIMD-group with this lane's number
  const ulong start = ulong(row) * args.length;
  RowPart<T, kVectors> part = {args.length, thread_in_group, threads, args.aligned != 0, {}};
  part.load(x + start);
  float greatest = simd_max(part.greatest());
  if (lane == 0) {
    maxima[simd_group] = greatest;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  greatest = simd_max(has_value ? maxima[lane] : -INFINITY);
  float sum = simd_sum(part.exponentiate(greatest));
  if (lane == 0) {
    sums[simd_group] = sum;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  sum = simd_sum(has_value ? sums[lane] : 0);
  part.store(y + start, 1 / sum);
}

// Long rows take three passes: a reduction in two gives each row's maximum and sum, the third
// applies them.
struct SoftmaxStatistics {
  float greatest;
  float sum;  // of exp(x - greatest); at the end its inverse
};

inline SoftmaxStatistics shuffle_xor(SoftmaxStatistics s, ushort mask) {
  return {simd_shuffle_xor(s.greatest, mask), simd_shuffle_xor(s.sum, mask)};
}

template <class T>
struct Statistics {
  using Input = T;
  using Partial = SoftmaxStatistics;
  using Output = SoftmaxStatistics;
  static Partial identity() { return {-INFINITY, 0}; }
  static Partial load(T x, uint) {
    const float v = float(x);
    return {v, v < INFINITY ? 1.0f : NAN};  // NaN and +inf spoil the row
  }
  static Partial combine(Partial a, Partial b) {
    const bool first = a.greatest >= b.greatest;
    const float scale = a.greatest == b.greatest ? 1.0f : exp(-abs(a.greatest - b.greatest));
    return {first ? a.greatest : b.greatest, first ? a.sum + b.sum * scale : b.sum + a.sum * scale};
  }
  static Output finish(Partial p, ulong) { return {p.greatest, 1 / p.sum}; }
};

// As many elements as a threadgroup holds, `lanes` of these parts to a row.
template <class T, uint kVectors>
[[kernel]] void softmax_apply(device const T* x [[buffer(0)]],
                              device T* y [[buffer(1)]],
                              constant SoftmaxArguments& args [[buffer(2)]],
                              device const SoftmaxStatistics* statistics [[buffer(3)]],
                              uint group [[threadgroup_position_in_grid]],
                              uint thread_in_group [[thread_position_in_threadgroup]],
                              uint threads [[threads_per_threadgroup]]) {
  const uint row = group / args.lanes;
  const uint first = group % args.lanes * threads * 4 * kVectors;
  const ulong start = ulong(row) * args.length + first;
  RowPart<T, kVectors> part = {
      args.length - first, thread_in_group, threads, args.aligned != 0, {}};
  part.load(x + start);
  part.exponentiate(statistics[row].greatest);
  part.store(y + start, statistics[row].sum);
}

#define INGOT_SOFTMAX(name, T)                                              \
  INGOT_KERNEL(name, softmax_row<T, 4>)                                     \
  INGOT_KERNEL(name "_short_4", softmax_short<T, 1>)                        \
  INGOT_KERNEL(name "_short_16", softmax_short<T, 4>)                       \
  INGOT_KERNEL(name "_blocks", reduce_blocks<Statistics<T>>)                \
  INGOT_KERNEL(name "_merge", reduce_columns<MergePartials<Statistics<T>>>) \
  INGOT_KERNEL(name "_apply", softmax_apply<T, 4>)

INGOT_SOFTMAX("softmax_stable_f32", float)
INGOT_SOFTMAX("softmax_stable_f16", half)
INGOT_SOFTMAX("softmax_stable_bf16", bfloat)
