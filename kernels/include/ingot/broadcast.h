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
  uint strides[2][7];
  uint inner_strides[2];
  uint threads;  // of the grid; a thread takes packs this far apart
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

// Packs that a thread takes, so that it reads 16 bytes of the first operand.
template <class A, class U>
constant constexpr uint kPacksOf = metal::max(1u, 16 / uint(sizeof(A) * kPackOf<A, U>));

// Where a pack lies, and how many of its elements exist.
struct PackPlace {
  uint a, b, y, count;
};

inline PackPlace place_pack(constant Broadcast& shape, uint pack, uint elements) {
  const uint packs = (shape.inner - 1) / elements + 1;  // in a row
  uint row = 0;
  if (shape.rank > 0) {
    row = pack / packs;
    pack -= row * packs;
  }
  if (row >= shape.rows || pack >= packs) {
    return {0, 0, 0, 0};
  }
  const uint first = pack * elements;
  PackPlace place = {first * shape.inner_strides[0],
                     first * shape.inner_strides[1],
                     row * shape.inner + first,
                     metal::min(elements, shape.inner - first)};
  for (uint d = shape.rank; d > 1; --d) {
    const uint quotient = row / shape.extents[d - 1];
    const uint index = row - quotient * shape.extents[d - 1];
    place.a += index * shape.strides[0][d - 1];
    place.b += index * shape.strides[1][d - 1];
    row = quotient;
  }
  place.a += row * shape.strides[0][0];
  place.b += row * shape.strides[1][0];
  return place;
}

template <class A, class B, class U, class Op>
inline void apply_binary(
    device const A* a, device const B* b, device U* y, constant Broadcast& shape, uint tid, Op op) {
  constexpr uint kPack = kPackOf<A, U>;
  constexpr uint kPacks = kPacksOf<A, U>;
  PackPlace places[kPacks];
  Pack<A, kPack> left[kPacks];
  Pack<B, kPack> right[kPacks];
  for (uint p = 0; p < kPacks; ++p) {
    places[p] = place_pack(shape, tid + p * shape.threads, kPack);
    if (kPacked && places[p].count == kPack) {
      left[p] = load_pack<kPack>(a + places[p].a, shape.inner_strides[0]);
      right[p] = load_pack<kPack>(b + places[p].b, shape.inner_strides[1]);
    }
  }
  for (uint p = 0; p < kPacks; ++p) {
    const PackPlace place = places[p];
    if (kPacked && place.count == kPack) {
      Pack<U, kPack> out;
      for (uint k = 0; k < kPack; ++k) {
        out.elements[k] = U(op(Compute<A>(left[p].elements[k]), Compute<B>(right[p].elements[k])));
      }
      *reinterpret_cast<device Pack<U, kPack>*>(y + place.y) = out;
    } else {
      for (uint k = 0; k < place.count; ++k) {
        y[place.y + k] = U(op(Compute<A>(a[place.a + k * shape.inner_strides[0]]),
                              Compute<B>(b[place.b + k * shape.inner_strides[1]])));
      }
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
