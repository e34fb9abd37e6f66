// Products of rows on the matrix units: a SIMD-group's share of C = A B^T.
#pragma once

#include <metal_stdlib>

// Elements of each row that RowProduct::add takes: 64 bytes of half or bfloat.
constant constexpr uint kRowSlice = 32;

// kRows x kColumns dot products, of kRows rows of A with kColumns rows of B, spread over the lanes
// of a SIMD-group and summed in float. T is half or bfloat.
//
// Written in simdgroup_matrix. Where the kernel is translated to CUDA (INGOT_CUDA is defined), the
// class is the shim's instead (src/backends/cuda/shim/softmetal/row_product.h), which has the same
// members and multiplies 16 x 8 x 16 elements by an instruction.
#ifdef INGOT_CUDA
using softmetal::RowProduct;
#else
template <class T, uint kRows, uint kColumns>
struct RowProduct {
  metal::simdgroup_float8x8 sums[kRows / 8][kColumns / 8];

  void clear() {
    for (uint r = 0; r < kRows / 8; ++r) {
      for (uint c = 0; c < kColumns / 8; ++c) {
        sums[r][c] = metal::simdgroup_float8x8(0);
      }
    }
  }

  // Adds the products of kRowSlice more elements of each row. In memory the slices of neighbouring
  // rows follow each other.
  void add(threadgroup const T* a, threadgroup const T* b) {
    for (uint k = 0; k < kRowSlice; k += 8) {
      metal::simdgroup_matrix<T, 8, 8> right[kColumns / 8];
      for (uint c = 0; c < kColumns / 8; ++c) {
        metal::simdgroup_load(right[c], b + 8 * c * kRowSlice + k, kRowSlice, ulong2(0), true);
      }
      for (uint r = 0; r < kRows / 8; ++r) {
        metal::simdgroup_matrix<T, 8, 8> left;
        metal::simdgroup_load(left, a + 8 * r * kRowSlice + k, kRowSlice);
        for (uint c = 0; c < kColumns / 8; ++c) {
          metal::simdgroup_multiply_accumulate(sums[r][c], left, right[c], sums[r][c]);
        }
      }
    }
  }

  // The calling lane's two results of the 8 x 8 block (r, c). They stand side by side, at
  // row(lane), column(lane) of the block and to the right of it. That is where Apple GPUs have
  // them; other kernels rely on it, too.
  float2 pair(uint r, uint c) const { return sums[r][c].thread_elements(); }
  static uint row(uint lane) { return (lane / 4 & 4) + lane / 2 % 4; }
  static uint column(uint lane) { return (lane / 4 & 2) * 2 + lane % 2 * 2; }
};
#endif
