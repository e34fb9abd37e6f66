#include <metal_stdlib>

#include "ingot/elementwise.h"

// Neighbouring elements that are moved at once; the launcher (dequantize_i8_to_f16.cpp) knows both.
constant constexpr uint kElements = 8;
constant constexpr uint kHeld = 2;  // packs of a thread

using In = Pack<char, kElements>;
using Out = Pack<half, kElements>;

// The product is rounded to float, and then, as the result, to half.
inline half restore(char q, float scale) {
  return half(float(q) * scale);
}

// 2^shift threads take a row, each kHeld packs: both are on their way before the first is used.
kernel void dequantize_i8_to_f16(device const char* q [[buffer(0)]],
                                 device const float* scale [[buffer(1)]],
                                 device half* x [[buffer(2)]],
                                 constant uint& rows [[buffer(3)]],
                                 constant uint& cols [[buffer(4)]],
                                 constant uint& shift [[buffer(5)]],
                                 uint tid [[thread_position_in_grid]]) {
  const uint row = tid >> shift;
  if (row >= rows) {
    return;
  }
  const uint first = (tid & ((1u << shift) - 1)) * kElements;
  const uint stride = kElements << shift;
  const float factor = scale[row];
  q += row * cols;
  x += row * cols;
  if (kPacked) {
    In held[kHeld];
    for (uint h = 0; h < kHeld; ++h) {
      if (first + h * stride < cols) {
        held[h] = *reinterpret_cast<device const In*>(q + first + h * stride);
      }
    }
    for (uint h = 0; h < kHeld; ++h) {
      if (first + h * stride < cols) {
        Out out;
        for (uint k = 0; k < kElements; ++k) {
          out.elements[k] = restore(held[h].elements[k], factor);
        }
        *reinterpret_cast<device Out*>(x + first + h * stride) = out;
      }
    }
  } else {
    for (uint h = 0; h < kHeld; ++h) {
      for (uint i = first + h * stride; i < metal::min(cols, first + h * stride + kElements); ++i) {
        x[i] = restore(q[i], factor);
      }
    }
  }
}
