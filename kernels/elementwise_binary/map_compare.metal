#include "elementwise_binary/map_compare.h"
#include "ingot/broadcast.h"

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

template [[host_name("map_compare_f32")]] [[kernel]] decltype(map_binary<float, float, uchar, Compare>)
map_binary<float, float, uchar, Compare>;
template [[host_name("map_compare_f16")]] [[kernel]] decltype(map_binary<half, half, uchar, Compare>)
map_binary<half, half, uchar, Compare>;
template [[host_name("map_compare_bf16")]] [[kernel]] decltype(map_binary<bfloat, bfloat, uchar, Compare>)
map_binary<bfloat, bfloat, uchar, Compare>;
template [[host_name("map_compare_i32")]] [[kernel]] decltype(map_binary<int, int, uchar, Compare>)
map_binary<int, int, uchar, Compare>;
template [[host_name("map_compare_u32")]] [[kernel]] decltype(map_binary<uint, uint, uchar, Compare>)
map_binary<uint, uint, uchar, Compare>;
template [[host_name("map_compare_u8")]] [[kernel]] decltype(map_binary<uchar, uchar, uchar, Compare>)
map_binary<uchar, uchar, uchar, Compare>;

template [[host_name("map_compare_scalar_f32")]] [[kernel]] decltype(map_compare_scalar<float>)
map_compare_scalar<float>;
template [[host_name("map_compare_scalar_f16")]] [[kernel]] decltype(map_compare_scalar<half>)
map_compare_scalar<half>;
template [[host_name("map_compare_scalar_bf16")]] [[kernel]] decltype(map_compare_scalar<bfloat>)
map_compare_scalar<bfloat>;
template [[host_name("map_compare_scalar_i32")]] [[kernel]] decltype(map_compare_scalar<int>)
map_compare_scalar<int>;
template [[host_name("map_compare_scalar_u32")]] [[kernel]] decltype(map_compare_scalar<uint>)
map_compare_scalar<uint>;
template [[host_name("map_compare_scalar_u8")]] [[kernel]] decltype(map_compare_scalar<uchar>)
map_compare_scalar<uchar>;
