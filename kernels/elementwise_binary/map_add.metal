#include "elementwise_binary/map_add.h"
#include "ingot/broadcast.h"

template [[host_name("map_add_f32")]] [[kernel]] decltype(map_binary<float, float, float, Add>)
map_binary<float, float, float, Add>;
template [[host_name("map_add_f16")]] [[kernel]] decltype(map_binary<half, half, half, Add>)
map_binary<half, half, half, Add>;
template [[host_name("map_add_bf16")]] [[kernel]] decltype(map_binary<bfloat, bfloat, bfloat, Add>)
map_binary<bfloat, bfloat, bfloat, Add>;
template [[host_name("map_add_i32")]] [[kernel]] decltype(map_binary<int, int, int, Add>)
map_binary<int, int, int, Add>;
template [[host_name("map_add_u32")]] [[kernel]] decltype(map_binary<uint, uint, uint, Add>)
map_binary<uint, uint, uint, Add>;
template [[host_name("map_add_i64")]] [[kernel]] decltype(map_binary<long, long, long, Add>)
map_binary<long, long, long, Add>;
