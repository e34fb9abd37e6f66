#include "ingot/elementwise.h"

#include "ml_activations/map_gelu.h"

INGOT_KERNEL("map_gelu_f32", map_unary<float, float, GeluTanh>)
INGOT_KERNEL("map_gelu_f16", map_unary<half, half, GeluTanh>)
INGOT_KERNEL("map_gelu_bf16", map_unary<bfloat, bfloat, GeluTanh>)
INGOT_KERNEL("map_gelu_erf_f32", map_unary<float, float, GeluErf>)
INGOT_KERNEL("map_gelu_erf_f16", map_unary<half, half, GeluErf>)
INGOT_KERNEL("map_gelu_erf_bf16", map_unary<bfloat, bfloat, GeluErf>)
