#include "ingot/broadcast.h"

#include "elementwise_binary/map_compare.h"

template <class T>
struct CompareWith {
  T value;
  uchar operator()(T x) const { return Compare()(x, value); }
};

// Against one number.
template <class T>
kernel void map_compare_scalar(device const T* a [[buffer(0)]],
                               device uchar* mask [[buffer(1)]],
                               constant uint& count [[buffer(2)]],
                               constant T& value [[buffer(3)]],
                               uint tid [[thread_position_in_grid]]) {
  apply_unary(a, mask, count, tid, CompareWith<Compute<T>>{Compute<T>(value)});
}

INGOT_KERNEL("map_compare_f32", map_binary<float, float, uchar, Compare>)
INGOT_KERNEL("map_compare_f16", map_binary<half, half, uchar, Compare>)
INGOT_KERNEL("map_compare_bf16", map_binary<bfloat, bfloat, uchar, Compare>)
INGOT_KERNEL("map_compare_i32", map_binary<int, int, uchar, Compare>)
INGOT_KERNEL("map_compare_u32", map_binary<uint, uint, uchar, Compare>)
INGOT_KERNEL("map_compare_u8", map_binary<uchar, uchar, uchar, Compare>)

INGOT_KERNEL("map_compare_scalar_f32", map_compare_scalar<float>)
INGOT_KERNEL("map_compare_scalar_f16", map_compare_scalar<half>)
INGOT_KERNEL("map_compare_scalar_bf16", map_compare_scalar<bfloat>)
INGOT_KERNEL("map_compare_scalar_i32", map_compare_scalar<int>)
INGOT_KERNEL("map_compare_scalar_u32", map_compare_scalar<uint>)
INGOT_KERNEL("map_compare_scalar_u8", map_compare_scalar<uchar>)
