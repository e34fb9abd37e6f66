// What is done to a dot product before it is stored.
#pragma once

#include <metal_stdlib>

#include "ingot/kernel.h"

constant bool kHasAScale [[function_constant(0)]];
constant bool kHasBScale [[function_constant(1)]];
constant bool kHasABias [[function_constant(2)]];
// Tiles: at_least is given; dot_batched_rows: columns are given.
constant bool kHasLast [[function_constant(3)]];
// Tiles: rows begin at multiples of 16 bytes; dot_batched_rows: of four elements.
constant bool kAligned [[function_constant(4)]];

// b_scale (a_scale dot + a_bias), in float.
template <class Y, class Dot>
inline Y finish(Dot dot,
                uint i,
                uint j,
                device const float* a_scale,
                device const float* b_scale,
                device const float* a_bias) {
  float score = float(dot);
  if (kHasAScale) {
    score *= a_scale[i];
  }
  if (kHasABias) {
    score += a_bias[i];
  }
  if (kHasBScale) {
    score *= b_scale[j];
  }
  return Y(score);
}

// Exact: a float would round above 2^24.
template <>
inline int finish<int, int>(
    int dot, uint, uint, device const float*, device const float*, device const float*) {
  return dot;
}
