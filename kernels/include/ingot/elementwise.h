// Elementwise kernels of one tensor: y[i] = op(x[i]).
//
// An operation is a functor that is called with elements as Compute<T>, so float functors serve
// half and bfloat too, and the result is converted to the output's type.
#pragma once

#include <metal_stdlib>

#include "ingot/kernel.h"

// Neighbouring elements that a thread handles, moved as one vector where the tensors are aligned
// for it. The launcher (kernels/common/elementwise.cpp) knows the same number.
constant constexpr uint kPack = 4;

// Whether all tensors are so aligned.
constant bool kPacked [[function_constant(0)]];

template <class T>
using Pack = metal::vec<T, kPack>;

// The type that an operation on T is carried out in: float for the floating-point types.
template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<half> {
  using type = float;
};
template <>
struct ComputeType<bfloat> {
  using type = float;
};
template <class T>
using Compute = typename ComputeType<T>::type;

template <class T, class U, class Op>
inline void apply_unary(device const T* x, device U* y, uint count, uint tid, Op op) {
  const uint first = tid * kPack;
  if (first >= count) {
    return;
  }
  x += first;
  y += first;
  const uint n = metal::min(kPack, count - first);
  if (kPacked && n == kPack) {
    const Pack<T> in = *reinterpret_cast<device const Pack<T>*>(x);
    Pack<U> out;
    for (uint k = 0; k < kPack; ++k) {
      out[k] = U(op(Compute<T>(in[k])));
    }
    *reinterpret_cast<device Pack<U>*>(y) = out;
  } else {
    for (uint k = 0; k < n; ++k) {
      y[k] = U(op(Compute<T>(x[k])));
    }
  }
}

// The kernel of an operation without parameters.
template <class T, class U, class Op>
kernel void map_unary(device const T* x [[buffer(0)]],
                      device U* y [[buffer(1)]],
                      constant uint& count [[buffer(2)]],
                      uint tid [[thread_position_in_grid]]) {
  apply_unary(x, y, count, tid, Op());
}
