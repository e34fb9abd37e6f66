#include "ingot/elementwise.h"
#include "ml_activations/map_gelu.h"

template [[host_name("map_gelu_f32")]] [[kernel]] decltype(map_unary<float, float, GeluTanh>)
map_unary<float, float, GeluTanh>;
template [[host_name("map_gelu_f16")]] [[kernel]] decltype(map_unary<half, half, GeluTanh>)
map_unary<half, half, GeluTanh>;
template [[host_name("map_gelu_bf16")]] [[kernel]] decltype(map_unary<bfloat, bfloat, GeluTanh>)
map_unary<bfloat, bfloat, GeluTanh>;
template [[host_name("map_gelu_erf_f32")]] [[kernel]] decltype(map_unary<float, float, GeluErf>)
map_unary<float, float, GeluErf>;
template [[host_name("map_gelu_erf_f16")]] [[kernel]] decltype(map_unary<half, half, GeluErf>)
map_unary<half, half, GeluErf>;
template [[host_name("map_gelu_erf_bf16")]] [[kernel]] decltype(map_unary<bfloat, bfloat, GeluErf>)
map_unary<bfloat, bfloat, GeluErf>;
