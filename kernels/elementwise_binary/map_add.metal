#include "ingot/broadcast.h"

#include "elementwise_binary/map_add.h"

INGOT_KERNEL("map_add_f32", map_binary<float, float, float, Add>)
INGOT_KERNEL("map_add_f16", map_binary<half, half, half, Add>)
INGOT_KERNEL("map_add_bf16", map_binary<bfloat, bfloat, bfloat, Add>)
INGOT_KERNEL("map_add_i32", map_binary<int, int, int, Add>)
INGOT_KERNEL("map_add_u32", map_binary<uint, uint, uint, Add>)
INGOT_KERNEL("map_add_i64", map_binary<long, long, long, Add>)
