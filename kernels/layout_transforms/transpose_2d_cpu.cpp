#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layout_transforms/transpose_2d_cpu.cpp"
#include <algorithm>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/stream-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

/// Blocks are transposed one at a time: a cache line of each of kBlockRows rows of x, through a
/// buffer of 16 KiB, becomes a run of kBlockRows elements in each of kBlockCols rows of y. Long
/// runs matter for y: where its rows do not start at cache lines, the two ends of a run share a
/// line with another block and cannot be written past the caches.
constexpr int64_t kBlockRows = 512;
template <class T>
constexpr int64_t kBlockCols = 64 / sizeof(T);

/// From this size on, the result is written past the caches: on a 2-core Zen 5, 3162^2 f32 took 1.3
/// to 2.1 ms instead of 2.6, 10000^2 21 to 25 ms instead of 29 (2026-11-20, ingot bench).
constexpr size_t kStreamBytes = size_t{16} << 20;

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
    const T* x, int64_t x_stride, T* y, int64_t y_stride, int64_t rows, int64_t cols, bool stream) {
  constexpr int64_t kTile = 16 / sizeof(T);
  HWY_ALIGN T transposed[kBlockCols<T> * kBlockRows];
  const int64_t tiled_rows = rows / kTile * kTile;
  const int64_t tiled_cols = cols / kTile * kTile;
  for (int64_t i = 0; i < tiled_rows; i += kTile) {
    for (int64_t j = 0; j < tiled_cols; j += kTile) {
      transpose_tile(x + i * x_stride + j, x_stride, transposed + j * kBlockRows + i, kBlockRows);
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < tiled_rows ? tiled_cols : 0; j < cols; ++j) {
      transposed[j * kBlockRows + i] = x[i * x_stride + j];
    }
  }
  for (int64_t j = 0; j < cols; ++j) {
    const T* run = transposed + j * kBlockRows;
    if (stream) {
      stream_copy(run, y + j * y_stride, static_cast<size_t>(rows) * sizeof(T));
    } else {
      std::copy_n(run, rows, y + j * y_stride);
    }
  }
}

template <class T>
void transpose_matrix(const Tensor& x_tensor, const Tensor& y_tensor) {
  const int64_t rows = x_tensor.shape()[0];
  const int64_t cols = x_tensor.shape()[1];
  const auto* x = x_tensor.host_as<const T>();
  auto* y = y_tensor.host_as<T>();
  const bool stream = y_tensor.bytes() >= kStreamBytes;
  const int64_t block_rows = (rows + kBlockRows - 1) / kBlockRows;
  const int64_t block_cols = (cols + kBlockCols<T> - 1) / kBlockCols<T>;
  constexpr int64_t kGrain = kElementwiseGrain / (kBlockRows * kBlockCols<T>);
  parallel_for(block_rows * block_cols, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t i = block / block_cols * kBlockRows;
      const int64_t j = block % block_cols * kBlockCols<T>;
      transpose_block(x + i * cols + j,
                      cols,
                      y + j * rows + i,
                      rows,
                      std::min(kBlockRows, rows - i),
                      std::min(kBlockCols<T>, cols - j),
                      stream);
    }
    hwy::FlushStream();
  });
}

}  // namespace

void transpose_2d(const Tensor& x, const Tensor& y) {
  switch (size_of(x.dtype())) {
    case 1:
      return transpose_matrix<uint8_t>(x, y);
    case 2:
      return transpose_matrix<uint16_t>(x, y);
    case 4:
      return transpose_matrix<uint32_t>(x, y);
    default:
      return transpose_matrix<uint64_t>(x, y);
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
  HWY_DYNAMIC_DISPATCH(transpose_2d)(call.in("x"), call.out("y"));
}

}  // namespace kernels
}  // namespace ingot
#endif
