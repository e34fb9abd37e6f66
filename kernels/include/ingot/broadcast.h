// Elementwise kernels of two tensors, with NumPy's broadcasting: y[i] = op(a[i], b[i]).
#pragma once

#include "ingot/elementwise.h"

// How the operands are walked. The launcher has collapsed the dimensions, so that along the
// innermost one each operand either runs (stride 1) or stands still (stride 0). The same struct is
// in kernels/common/elementwise.cpp.
struct Broadcast {
  uint rank;  // without the innermost dimension
  uint rows;  // product of those dimensions
  uint inner;
  uint extents[7];
  uint inner_strides[2];
  ulong strides[2][7];
};

// One pack of an operand, or its one element repeated.
template <uint count, class T>
inline Pack<T, count> load_pack(device const T* x, uint inner_stride) {
  if (inner_stride != 0) {
    return *reinterpret_cast<device const Pack<T, count>*>(x);
  }
  Pack<T, count> pack;
  for (uint k = 0; k < count; ++k) {
    pack.elements[k] = x[0];
  }
  return pack;
}

template <class A, class B, class U, class Op>
inline void apply_binary(
    device const A* a, device const B* b, device U* y, constant Broadcast& shape, uint tid, Op op) {
  constexpr uint kPack = kPackOf<A, U>;
  const uint packs = (shape.inner - 1) / kPack + 1;  // in a row
  uint row = 0;
  if (shape.rank > 0) {
    row = tid / packs;
    tid -= row * packs;
  }
  if (row >= shape.rows || tid >= packs) {
    return;
  }
  const uint first = tid * kPack;
  a += first * shape.inner_strides[0];
  b += first * shape.inner_strides[1];
  y += first;
  if (shape.rank > 0) {
    y += ulong(row) * shape.inner;
    for (uint d = shape.rank; d > 1; --d) {
      const uint quotient = row / shape.extents[d - 1];
      const uint index = row - quotient * shape.extents[d - 1];
      a += index * shape.strides[0][d - 1];
      b += index * shape.strides[1][d - 1];
      row = quotient;
    }
    a += row * shape.strides[0][0];
    b += row * shape.strides[1][0];
  }
  const uint n = metal::min(kPack, shape.inner - first);
  if (kPacked && n == kPack) {
    const Pack<A, kPack> left = load_pack<kPack>(a, shape.inner_strides[0]);
    const Pack<B, kPack> right = load_pack<kPack>(b, shape.inner_strides[1]);
    Pack<U, kPack> out;
    for (uint k = 0; k < kPack; ++k) {
      out.elements[k] = U(op(Compute<A>(left.elements[k]), Compute<B>(right.elements[k])));
    }
    *reinterpret_cast<device Pack<U, kPack>*>(y) = out;
  } else {
    for (uint k = 0; k < n; ++k) {
      y[k] = U(
          op(Compute<A>(a[k * shape.inner_strides[0]]), Compute<B>(b[k * shape.inner_strides[1]])));
    }
  }
}

// The kernel of an operation without parameters.
template <class A, class B, class U, class Op>
kernel void map_binary(device const A* a [[buffer(0)]],
                       device const B* b [[buffer(1)]],
                       device U* y [[buffer(2)]],
                       constant Broadcast& shape [[buffer(3)]],
                       uint tid [[thread_position_in_grid]]) {
  apply_binary(a, b, y, shape, tid, Op());
}
