#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layout_transforms/transpose_2d_cpu.cpp"
#include <algorithm>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Edge of the square blocks that a core takes one at a time: a block of 64-bit elements and its
/// transpose are 64 KiB, so they stay near the core.
constexpr int64_t kBlock = 64;

/// Transposes a square of as many elements each way as a 128-bit vector has lanes. Interleaving
/// row i with row i + n/2 for all i is a perfect shuffle of the whole square; log2(n) of them are a
/// transpose.
template <class T>
HWY_INLINE void transpose_tile(const T* x, int64_t x_stride, T* y, int64_t y_stride) {
  constexpr size_t kLanes = 16 / sizeof(T);
  const hn::FixedTag<T, kLanes> d;
  hn::Vec<decltype(d)> tile[kLanes];
  for (size_t i = 0; i < kLanes; ++i) {
    tile[i] = hn::LoadU(d, x + static_cast<int64_t>(i) * x_stride);
  }
  for (size_t step = 1; step < kLanes; step *= 2) {
    hn::Vec<decltype(d)> shuffled[kLanes];
    for (size_t i = 0; i < kLanes / 2; ++i) {
      shuffled[2 * i] = hn::InterleaveLower(d, tile[i], tile[i + kLanes / 2]);
      shuffled[2 * i + 1] = hn::InterleaveUpper(d, tile[i], tile[i + kLanes / 2]);
    }
    std::copy_n(shuffled, kLanes, tile);
  }
  for (size_t i = 0; i < kLanes; ++i) {
    hn::StoreU(tile[i], d, y + static_cast<int64_t>(i) * y_stride);
  }
}

/// Transposes the block of `rows` x `cols` elements at `x`.
template <class T>
void transpose_block(
    const T* x, int64_t x_stride, T* y, int64_t y_stride, int64_t rows, int64_t cols) {
  constexpr int64_t kTile = 16 / sizeof(T);
  const int64_t tiled_rows = rows / kTile * kTile;
  const int64_t tiled_cols = cols / kTile * kTile;
  for (int64_t j = 0; j < tiled_cols; j += kTile) {
    for (int64_t i = 0; i < tiled_rows; i += kTile) {
      transpose_tile(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
    }
  }
  for (int64_t j = 0; j < cols; ++j) {
    for (int64_t i = j < tiled_cols ? tiled_rows : 0; i < rows; ++i) {
      y[j * y_stride + i] = x[i * x_stride + j];
    }
  }
}

template <class T>
void transpose_matrix(const std::byte* x_bytes, std::byte* y_bytes, int64_t rows, int64_t cols) {
  const auto* x = reinterpret_cast<const T*>(x_bytes);
  auto* y = reinterpret_cast<T*>(y_bytes);
  const int64_t across = (rows + kBlock - 1) / kBlock;  // blocks along a row of y
  const int64_t down = (cols + kBlock - 1) / kBlock;
  constexpr int64_t kGrain = kElementwiseGrain / (kBlock * kBlock);
  parallel_for(across * down, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t i = block % across * kBlock;
      const int64_t j = block / across * kBlock;
      transpose_block(x + i * cols + j,
                      cols,
                      y + j * rows + i,
                      rows,
                      std::min(kBlock, rows - i),
                      std::min(kBlock, cols - j));
    }
  });
}

void transpose_2d(
    size_t element_size, const std::byte* x, std::byte* y, int64_t rows, int64_t cols) {
  switch (element_size) {
    case 1:
      return transpose_matrix<uint8_t>(x, y, rows, cols);
    case 2:
      return transpose_matrix<uint16_t>(x, y, rows, cols);
    case 4:
      return transpose_matrix<uint32_t>(x, y, rows, cols);
    default:
      return transpose_matrix<uint64_t>(x, y, rows, cols);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(transpose_2d);

namespace kernels {

void transpose_2d_cpu(const CpuContext&, const Call& call) {
  const Tensor& x = call.in("x");
  HWY_DYNAMIC_DISPATCH(transpose_2d)
  (size_of(x.dtype()), x.host(), call.out("y").host(), call.extent("r"), call.extent("c"));
}

}  // namespace kernels
}  // namespace ingot
#endif
