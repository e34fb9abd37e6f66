// Elementwise kernels: y[i] = op(x[i]), computed in float.
#pragma once

#include <metal_stdlib>

// Each thread handles kElementsPerThread elements, a threadgroup apart, so that neighbouring threads touch neighbouring
// memory. The launcher (kernels/common/elementwise.hpp) knows the same number.
constant constexpr uint kElementsPerThread = 4;

template <class T, class U, class Op>
inline void map_unary(device const T* x, device U* y, uint count, uint group, uint thread_in_group,
                      uint group_size, Op op) {
  uint i = group * group_size * kElementsPerThread + thread_in_group;
  for (uint k = 0; k < kElementsPerThread; ++k, i += group_size) {
    if (i < count) {
      y[i] = U(op(float(x[i])));
    }
  }
}
