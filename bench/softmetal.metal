#include <metal_stdlib>
using namespace metal;

// What softmetal.cpp measures.

kernel void saxpy(device const float* x [[buffer(0)]],
                  device float* y [[buffer(1)]],
                  constant float& a [[buffer(2)]],
                  uint i [[thread_position_in_grid]]) {
  y[i] = a * x[i] + y[i];
}

kernel void gelu(device const float* x [[buffer(0)]],
                 device float* y [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  const float v = x[i];
  const float inner = 0.7978845608f * (v + 0.044715f * v * v * v);
  y[i] = 0.5f * v * (1.0f + tanh(inner));
}

// c = a b, all n x n, a thread an element.
kernel void matmul(device const float* a [[buffer(0)]],
                   device const float* b [[buffer(1)]],
                   device float* c [[buffer(2)]],
                   constant uint& n [[buffer(3)]],
                   uint2 at [[thread_position_in_grid]]) {
  float sum = 0;
  for (uint k = 0; k < n; ++k) {
    sum += a[at.y * n + k] * b[k * n + at.x];
  }
  c[at.y * n + at.x] = sum;
}

// One sum for each threadgroup, of `each` elements a thread.
kernel void group_sums(device const float* x [[buffer(0)]],
                       device float* sums [[buffer(1)]],
                       constant uint& each [[buffer(2)]],
                       uint i [[thread_position_in_grid]],
                       uint threads [[threads_per_grid]],
                       uint group [[threadgroup_position_in_grid]],
                       uint lane [[thread_index_in_simdgroup]],
                       uint simd_group [[simdgroup_index_in_threadgroup]],
                       uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup float partial[32];
  float own = 0;
  for (uint k = 0; k < each; ++k) {
    own += x[i + k * threads];
  }
  const float sum = simd_sum(own);
  if (lane == 0) {
    partial[simd_group] = sum;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (simd_group == 0) {
    const float total = simd_sum(lane < simd_groups ? partial[lane] : 0.0f);
    if (lane == 0) {
      sums[group] = total;
    }
  }
}

kernel void barriers(device uint* out [[buffer(0)]],
                     constant uint& count [[buffer(1)]],
                     uint i [[thread_position_in_grid]]) {
  for (uint n = 0; n < count; ++n) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  out[i] = count;
}
