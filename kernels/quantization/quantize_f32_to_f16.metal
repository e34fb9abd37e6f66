#include "ingot/elementwise.h"

using namespace metal;

// The conversion rounds to nearest, ties to even; magnitudes above 65504 become infinite, subnormals are kept.
struct ToHalf {
  half operator()(float x) const { return half(x); }
};

kernel void quantize_f32_to_f16(device const float* x [[buffer(0)]],
                                device half* y [[buffer(1)]],
                                constant uint& count [[buffer(2)]],
                                uint group [[threadgroup_position_in_grid]],
                                uint thread_in_group [[thread_position_in_threadgroup]],
                                uint group_size [[threads_per_threadgroup]]) {
  map_unary(x, y, count, group, thread_in_group, group_size, ToHalf());
}
