// Matrix products on the CPU: the one place that knows the libraries which serve them. oneDNN on
// Linux, Accelerate on macOS.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "ingot/dtype.hpp"

namespace ingot::cpu {

/// A row-major matrix in memory, `stride` elements from row to row; `transposed`: the product takes
/// its transpose (so a column-major matrix is a transposed row-major one).
template <class T>
struct Matrix {
  T* data;
  int64_t stride;
  bool transposed = false;
};

/// c[m, n] = a[m, k] · b[k, n] in f32, on the calling thread alone: callers cut their work into
/// tiles (for_each_tile) and so keep their own steps between the products in cache. Extents may
/// be 0; k = 0 gives zeros.
void gemm_f32(
    int64_t m, int64_t n, int64_t k, Matrix<const float> a, Matrix<const float> b, Matrix<float> c);

/// c[m, n] = a[m, k] · b[n, k]^T, exact in int32, on the calling thread alone. k is at most
/// kMaxInt8Terms.
void gemm_i8(int64_t m,
             int64_t n,
             int64_t k,
             Matrix<const int8_t> a,
             Matrix<const int8_t> b,
             Matrix<int32_t> c);

/// Most products of two int8 whose sum surely fits in int32: (2^31 - 1) / 128^2.
inline constexpr int64_t kMaxInt8Terms = 131071;

/// Who serves products of this dtype: "oneDNN sgemm", "oneDNN s8s8s32", ...
std::string_view gemm_provider(DType dtype);

/// A part of a result: rows m0..m1, columns n0..n1.
struct Tile {
  int64_t m0, m1, n0, n1;
  int64_t rows() const { return m1 - m0; }
  int64_t columns() const { return n1 - n0; }
};

/// Rows and columns of a tile.
struct TileSize {
  int64_t rows, columns;
};

/// Where a tile is nothing but a product: 98 % of the speed of oneDNN's own threads (1000 x 16384 x
/// 128 and 2048^3 in f32, Zen 5, 2 cores; with 256 x 1024 it is 88 %).
inline constexpr TileSize kProductTile{1024, 2048};
/// Where more is done to the results: 1 MiB of them, in a core's L2 cache. 97 % of the speed of the
/// whole product in int8.
inline constexpr TileSize kCachedTile{256, 1024};

/// Cuts an m x n result into tiles of about this size, smaller where that gives every core one, and
/// calls `body` for each, on all cores.
void for_each_tile(int64_t m,
                   int64_t n,
                   TileSize size,
                   const std::function<void(const Tile&)>& body);

}  // namespace ingot::cpu
