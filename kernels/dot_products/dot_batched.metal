#include "ingot/scan.h"

#include "dot_products/dot_few.h"
#include "dot_products/dot_matrix.h"
#include "dot_products/dot_registers.h"

using namespace metal;

// As in dot_batched.cpp.
struct Extents {
  uint q, n, d;
  uint count;  // results
  uint lanes;  // neighbouring threads that share one result: a power of two up to 32
  uint listed;  // columns for each row of a; 1 without
};

template <class Y>
inline Y absent() {
  return Y(-INFINITY);
}
template <>
inline int absent<int>() {
  return INT_MIN;
}

// What a lane adds to a dot product: of every `lanes` groups of four elements one.
template <class Sum, class T>
inline Sum partial_dot(device const T* row_a, device const T* row_b, uint d, uint lane, uint lanes) {
  if (!kAligned) {
    Sum sum = 0;
    for (uint k = lane; k < d; k += lanes) {
      sum += Sum(row_a[k]) * Sum(row_b[k]);
    }
    return sum;
  }
  vec<Sum, 4> sums = 0;
  for (uint k = 4 * lane; k < d; k += 4 * lanes) {
    sums += vec<Sum, 4>(*reinterpret_cast<device const vec<T, 4>*>(row_a + k)) *
            vec<Sum, 4>(*reinterpret_cast<device const vec<T, 4>*>(row_b + k));
  }
  return (sums.x + sums.y) + (sums.z + sums.w);
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
    sum = partial_dot<Sum>(
        a + ulong(i) * extents.d, b + ulong(j) * extents.d, extents.d, lane, extents.lanes);
  }
  for (uint offset = extents.lanes / 2; offset > 0; offset /= 2) {
    sum += simd_shuffle_xor(sum, ushort(offset));
  }
  if (exists && lane == 0) {
    y[result] = inside ? finish<Y>(sum, i, j, a_scale, b_scale, a_bias) : absent<Y>();
  }
}

// The columns whose bit is set in each row of `words`, ascending, as far as there is room, and how
// many they are. A threadgroup for each row.
[[kernel]] void dot_batched_list(device const uint4* words [[buffer(0)]],
                                 device uint* columns [[buffer(1)]],
                                 device ulong* counts [[buffer(2)]],
                                 constant uint& pitch [[buffer(3)]],
                                 constant uint& room [[buffer(4)]],
                                 uint row [[threadgroup_position_in_grid]],
                                 uint thread_index [[thread_position_in_threadgroup]],
                                 uint threads [[threads_per_threadgroup]],
                                 uint lane [[thread_index_in_simdgroup]],
                                 uint simd_group [[simdgroup_index_in_threadgroup]],
                                 uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup uint shared[kMaxSimdGroups];
  const uint length = pitch / 4;
  device const uint4* own = words + ulong(row) * length;
  device uint* own_columns = columns + ulong(row) * room;
  uint kept = 0;
  uint4 next = thread_index < length ? own[thread_index] : uint4(0);
  for (uint begin = 0; begin < length; begin += threads) {
    const uint4 bits = next;
    const uint ahead = begin + threads + thread_index;
    next = ahead < length ? own[ahead] : uint4(0);
    const uint4 each = popcount(bits);
    const uint count = each.x + each.y + each.z + each.w;
    const uint before = simd_exclusive_sum(count, lane);
    uint total;
    uint to = kept + before +
              simdgroups_exclusive_sum(
                  simd_last(before + count), shared, total, lane, simd_group, simd_groups);
    kept += total;
#pragma unroll
    for (uint i = 0; i < 4; ++i) {
      const uint first = ((begin + thread_index) * 4 + i) * 32;
      for (uint rest = bits[i]; rest != 0; rest &= rest - 1) {
        if (to < room) {
          own_columns[to] = first + ctz(rest);
        }
        ++to;
      }
    }
  }
  if (thread_index == 0) {
    counts[row] = kept;
  }
  for (uint i = kept + thread_index; i < room; i += threads) {
    own_columns[i] = ~0u;
  }
}

// By the dtypes of the rows and of the result.
INGOT_KERNEL("dot_batched_rows_f32_f32", dot_batched_rows<float, float, float>)
INGOT_KERNEL("dot_batched_rows_f16_f32", dot_batched_rows<half, float, float>)
INGOT_KERNEL("dot_batched_rows_bf16_f32", dot_batched_rows<bfloat, float, float>)
INGOT_KERNEL("dot_batched_rows_i8_f32", dot_batched_rows<char, int, float>)
INGOT_KERNEL("dot_batched_rows_i8_i32", dot_batched_rows<char, int, int>)

// As well: u8 is the mask, u32 its bits.
INGOT_KERNEL("dot_batched_all_f32_f32", dot_batched_all<float, float, float>)
INGOT_KERNEL("dot_batched_all_f32_u8", dot_batched_all<float, float, uchar>)
INGOT_KERNEL("dot_batched_all_f32_u32", dot_batched_all<float, float, uint>)
INGOT_KERNEL("dot_batched_all_i8_f32", dot_batched_all<char, int, float>)
INGOT_KERNEL("dot_batched_all_i8_i32", dot_batched_all<char, int, int>)
INGOT_KERNEL("dot_batched_all_i8_u8", dot_batched_all<char, int, uchar>)
INGOT_KERNEL("dot_batched_all_i8_u32", dot_batched_all<char, int, uint>)
INGOT_KERNEL("dot_batched_all_f16_f32", dot_batched_matrix<half, float, 128>)
INGOT_KERNEL("dot_batched_all_f16_u8", dot_batched_matrix<half, uchar, 128>)
INGOT_KERNEL("dot_batched_all_f16_u32", dot_batched_matrix<half, uint, 128>)
INGOT_KERNEL("dot_batched_all_bf16_f32", dot_batched_matrix<bfloat, float, 128>)
INGOT_KERNEL("dot_batched_all_bf16_u8", dot_batched_matrix<bfloat, uchar, 128>)
INGOT_KERNEL("dot_batched_all_bf16_u32", dot_batched_matrix<bfloat, uint, 128>)

INGOT_KERNEL("dot_batched_narrow_f16_f32", dot_batched_matrix<half, float, 16>)
INGOT_KERNEL("dot_batched_narrow_f16_u8", dot_batched_matrix<half, uchar, 16>)
INGOT_KERNEL("dot_batched_narrow_f16_u32", dot_batched_matrix<half, uint, 16>)
INGOT_KERNEL("dot_batched_narrow_bf16_f32", dot_batched_matrix<bfloat, float, 16>)
INGOT_KERNEL("dot_batched_narrow_bf16_u8", dot_batched_matrix<bfloat, uchar, 16>)
INGOT_KERNEL("dot_batched_narrow_bf16_u32", dot_batched_matrix<bfloat, uint, 16>)

INGOT_KERNEL("dot_batched_few_f32_f32", dot_batched_few<float, float, float>)
INGOT_KERNEL("dot_batched_few_f32_u8", dot_batched_few<float, float, uchar>)
INGOT_KERNEL("dot_batched_few_f32_u32", dot_batched_few<float, float, uint>)
INGOT_KERNEL("dot_batched_few_f16_f32", dot_batched_few<half, float, float>)
INGOT_KERNEL("dot_batched_few_f16_u8", dot_batched_few<half, float, uchar>)
INGOT_KERNEL("dot_batched_few_f16_u32", dot_batched_few<half, float, uint>)
INGOT_KERNEL("dot_batched_few_bf16_f32", dot_batched_few<bfloat, float, float>)
INGOT_KERNEL("dot_batched_few_bf16_u8", dot_batched_few<bfloat, float, uchar>)
INGOT_KERNEL("dot_batched_few_bf16_u32", dot_batched_few<bfloat, float, uint>)
INGOT_KERNEL("dot_batched_few_i8_f32", dot_batched_few<char, int, float>)
INGOT_KERNEL("dot_batched_few_i8_i32", dot_batched_few<char, int, int>)
INGOT_KERNEL("dot_batched_few_i8_u8", dot_batched_few<char, int, uchar>)
INGOT_KERNEL("dot_batched_few_i8_u32", dot_batched_few<char, int, uint>)
