#include <metal_stdlib>

#include "ingot/kernel.h"

using namespace metal;

// Neighbouring elements that a thread reads; the launcher (dequantize_i8_to_f16.cpp) knows the
// number.
constant constexpr uint kElements = 16;

// Whether all rows start on as many elements, and hold a multiple of them.
constant bool kPacked [[function_constant(0)]];

// The product is rounded to float, and then, as the result, to half.
inline half restore(char q, float scale) {
  return half(float(q) * scale);
}

inline half4 restore(char4 q, float scale) {
  return half4(restore(q.x, scale), restore(q.y, scale), restore(q.z, scale), restore(q.w, scale));
}

inline void store_eight(device half* x, uint2 q, float scale) {
  *reinterpret_cast<device uint4*>(x) = uint4(as_type<uint2>(restore(as_type<char4>(q.x), scale)),
                                              as_type<uint2>(restore(as_type<char4>(q.y), scale)));
}

// 2^shift threads take a row, at least two: finding it takes no division. Of the 32 elements that
// two neighbours read, each writes the first or second eight of each half, so that both write
// 32 bytes side by side at once.
kernel void dequantize_i8_to_f16(device const char* q [[buffer(0)]],
                                 device const float* scale [[buffer(1)]],
                                 device half* x [[buffer(2)]],
                                 constant uint& rows [[buffer(3)]],
                                 constant uint& cols [[buffer(4)]],
                                 constant uint& shift [[buffer(5)]],
                                 uint tid [[thread_position_in_grid]]) {
  const uint row = tid >> shift;
  const uint first = (tid & ((1u << shift) - 1)) * kElements;
  const uint length = row < rows ? cols : 0;
  const float factor = row < rows ? scale[row] : 0.0f;
  q += ulong(row) * cols;
  x += ulong(row) * cols;
  if (kPacked) {
    uint4 own = 0;
    if (first < length) {
      own = *reinterpret_cast<device const uint4*>(q + first);
    }
    const bool second = (tid & 1) != 0;
    const uint2 given = second ? own.xy : own.zw;
    const uint2 taken =
        uint2(simd_shuffle_xor(given.x, ushort(1)), simd_shuffle_xor(given.y, ushort(1)));
    const uint to = first / (2 * kElements) * (2 * kElements) + (second ? 8 : 0);
    if (to < length) {
      store_eight(x + to, second ? taken : own.xy, factor);
    }
    if (to + kElements < length) {
      store_eight(x + to + kElements, second ? own.zw : taken, factor);
    }
  } else {
    for (uint i = first; i < min(first + kElements, length); ++i) {
      x[i] = restore(q[i], factor);
    }
  }
}
