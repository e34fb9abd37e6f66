// Elementwise kernels of one tensor: y[i] = op(x[i]).
//
// An operation is a functor that is called with elements as Compute<T>, so float functors serve
// half and bfloat too, and the result is converted to the output's type.
#pragma once

#include <metal_stdlib>

#include "ingot/kernel.h"

// Whether all tensors begin, and all their rows, on a pack.
constant bool kPacked [[function_constant(0)]];

// Neighbouring elements that a thread handles, moved at once where the tensors are aligned for it:
// 16 bytes of the wider of the first operand and the result. The launcher
// (kernels/common/elementwise.cpp) computes the same number.
template <class A, class U>
constant constexpr uint kPackOf =
    metal::max(4u, 16 / uint(sizeof(A) > sizeof(U) ? sizeof(A) : sizeof(U)));

template <class T, uint count>
struct alignas(sizeof(T) * count < 16 ? sizeof(T) * count : 16) Pack {
  T elements[count];
};

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

// Packs of a thread of a unary kernel, both on their way before the first is used. They lie kSpan
// packs apart, so that neighbouring threads move neighbouring ones; the launcher knows the number.
constant constexpr uint kPacksOfThread = 2;
constant constexpr uint kSpan = 256;

template <class T, class U, class Op>
inline void apply_unary(device const T* x, device U* y, uint count, uint tid, Op op) {
  constexpr uint kPack = kPackOf<T, U>;
  const uint first = (tid / kSpan * kSpan * kPacksOfThread + tid % kSpan) * kPack;
  Pack<T, kPack> held[kPacksOfThread];  // in registers, as the loops are unrolled
#pragma unroll
  for (uint p = 0; p < kPacksOfThread; ++p) {
    const uint i = first + p * kSpan * kPack;
    if (kPacked && i + kPack <= count) {
      held[p] = *reinterpret_cast<device const Pack<T, kPack>*>(x + i);
    }
  }
#pragma unroll
  for (uint p = 0; p < kPacksOfThread; ++p) {
    const uint i = first + p * kSpan * kPack;
    if (kPacked && i + kPack <= count) {
      Pack<U, kPack> out;
      for (uint k = 0; k < kPack; ++k) {
        out.elements[k] = U(op(Compute<T>(held[p].elements[k])));
      }
      *reinterpret_cast<device Pack<U, kPack>*>(y + i) = out;
    } else {
      for (uint k = i; k < metal::min(i + kPack, count); ++k) {
        y[k] = U(op(Compute<T>(x[k])));
      }
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
