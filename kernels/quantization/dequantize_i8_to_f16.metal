#include <metal_stdlib>

#include "ingot/elementwise.h"

// Neighbouring elements of a thread, which are read at once; the launcher (dequantize_i8_to_f16.cpp)
// knows the number.
constant constexpr uint kElements = 16;

// The product is rounded to float, and then, as the result, to half.
inline half restore(char q, float scale) {
  return half(float(q) * scale);
}

// 2^shift threads take a row, so that finding it takes no division.
kernel void dequantize_i8_to_f16(device const char* q [[buffer(0)]],
                                 device const float* scale [[buffer(1)]],
                                 device half* x [[buffer(2)]],
                                 constant uint& rows [[buffer(3)]],
                                 constant uint& cols [[buffer(4)]],
                                 constant uint& shift [[buffer(5)]],
                                 uint tid [[thread_position_in_grid]]) {
  const uint row = tid >> shift;
  const uint first = (tid & ((1u << shift) - 1)) * kElements;
  if (row >= rows || first >= cols) {
    return;
  }
  const float factor = scale[row];
  q += row * cols + first;
  x += row * cols + first;
  if (kPacked) {
    const Pack<char, kElements> in = *reinterpret_cast<device const Pack<char, kElements>*>(q);
    Pack<half, kElements> out;
    for (uint k = 0; k < kElements; ++k) {
      out.elements[k] = restore(in.elements[k], factor);
    }
    *reinterpret_cast<device Pack<half, kElements>*>(x) = out;
  } else {
    for (uint k = 0; k < metal::min(kElements, cols - first); ++k) {
      x[k] = restore(q[k], factor);
    }
  }
}
