#include <metal_stdlib>
using namespace metal;

// The sum of each threadgroup's elements. Threadgroups have a power of two of threads, up to 256.
kernel void group_sum(device const float* in [[buffer(0)]],
                      device float* out [[buffer(1)]],
                      uint i [[thread_position_in_grid]],
                      uint lane [[thread_index_in_threadgroup]],
                      uint lanes [[threads_per_threadgroup]],
                      uint group [[threadgroup_position_in_grid]]) {
  threadgroup float partial[256];
  partial[lane] = in[i];
  for (uint n = lanes / 2; n > 0; n /= 2) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (lane < n) {
      partial[lane] += partial[lane + n];
    }
  }
  if (lane == 0) {
    out[group] = partial[0];
  }
}
