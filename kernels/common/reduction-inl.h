// Reductions on the CPU. An operator is a struct as in kernels/include/ingot/reduce.h:
//
//   struct Operator {
//     using Input = float; using Partial = float; using Output = float;
//     static Partial identity();
//     static Partial load(Input x, int64_t i);  // i: position along the reduced dimension
//     static Partial combine(Partial a, Partial b);
//     static Output finish(Partial p, int64_t length);
//     // Optional, where the loops below do not vectorise: the reduction of 1 to kReduceBlock
//     // elements, and that of 1 to kReduceRows rows of up to kReduceTile columns.
//     static Partial block(const Input* x, int64_t count, int64_t first);
//     static void leaf(const Input* x, int64_t rows, int64_t stride, int64_t width,
//                      TilePositions position, Partial* sums);
//   };
//
// reduce<Operator>(cpu, view, x, y) does the rest, on all cores. Loops are written so that the
// compiler vectorises them for the target. Everything is combined in trees whose form depends on
// the shape alone: sums are pairwise and the same on every machine.
#if defined(INGOT_KERNELS_COMMON_REDUCTION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_REDUCTION_INL_H_
#undef INGOT_KERNELS_COMMON_REDUCTION_INL_H_
#else
#define INGOT_KERNELS_COMMON_REDUCTION_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/reduction.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

// Elements of a leaf of the tree, of a task, and the columns that are worked on side by side.
constexpr int64_t kReduceBlock = 4096;
constexpr int64_t kReduceTask = 1 << 16;
constexpr int64_t kReduceTile = 1024;
// Rows that a leaf of a tree of columns adds up.
constexpr int64_t kReduceRows = 64;
// Rows up to this length are worked on side by side.
constexpr int64_t kReduceShort = 32;

/// The operator of a later pass, which reduces partial results.
template <class Op>
struct MergePartials {
  using Input = typename Op::Partial;
  using Partial = typename Op::Partial;
  using Output = typename Op::Output;
  static HWY_INLINE Partial identity() { return Op::identity(); }
  static HWY_INLINE Partial load(Input p, int64_t) { return p; }
  static HWY_INLINE Partial combine(Partial a, Partial b) { return Op::combine(a, b); }
  static HWY_INLINE Output finish(Partial p, int64_t length) { return Op::finish(p, length); }
};

template <class Op>
struct MergeOf {
  using type = MergePartials<Op>;
};
template <class Op>
struct MergeOf<MergePartials<Op>> {
  using type = MergePartials<Op>;
};

template <class Op, int64_t kLanes>
HWY_INLINE typename Op::Partial reduce_block(const typename Op::Input* HWY_RESTRICT x,
                                             int64_t count,
                                             int64_t first) {
  typename Op::Partial lanes[kLanes];
  std::fill(lanes, lanes + kLanes, Op::identity());
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k) {
      lanes[k] = Op::combine(lanes[k], Op::load(x[i + k], first + i + k));
    }
  }
  for (int64_t k = 0; i + k < count; ++k) {
    lanes[k] = Op::combine(lanes[k], Op::load(x[i + k], first + i + k));
  }
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half; ++k) {
      lanes[k] = Op::combine(lanes[k], lanes[k + half]);
    }
  }
  return lanes[0];
}

/// Reduces x[0..count), whose first element is at position `first`.
template <class Op>
typename Op::Partial reduce_run(const typename Op::Input* x, int64_t count, int64_t first) {
  if (count > kReduceBlock) {
    const int64_t half = (count / 2 + kReduceBlock - 1) / kReduceBlock * kReduceBlock;
    return Op::combine(reduce_run<Op>(x, half, first),
                       reduce_run<Op>(x + half, count - half, first + half));
  }
  if constexpr (requires { Op::block(x, count, first); }) {
    return count == 0 ? Op::identity() : Op::block(x, count, first);
  } else if (count < 256) {
    return reduce_block<Op, 8>(x, count, first);
  } else {
    return reduce_block<Op, 128>(x, count, first);
  }
}

/// Positions of the elements of a tile: row r, column j is at first + r * step + group[j].
struct TilePositions {
  int64_t first, step;
  const uint8_t* group;
  int64_t operator()(int64_t r, int64_t j) const { return first + r * step + group[j]; }
};

inline constexpr uint8_t kNoGroups[kReduceTile] = {};

template <class Op>
void reduce_tile(const typename Op::Input* HWY_RESTRICT x,
                 int64_t rows,
                 int64_t stride,
                 int64_t width,
                 TilePositions position,
                 typename Op::Partial* HWY_RESTRICT sums) {
  if (rows > kReduceRows) {
    const int64_t half = (rows / 2 + kReduceRows - 1) / kReduceRows * kReduceRows;
    typename Op::Partial others[kReduceTile];
    reduce_tile<Op>(x, half, stride, width, position, sums);
    position.first += half * position.step;
    reduce_tile<Op>(x + half * stride, rows - half, stride, width, position, others);
    for (int64_t j = 0; j < width; ++j) {
      sums[j] = Op::combine(sums[j], others[j]);
    }
    return;
  }
  if constexpr (requires { Op::leaf(x, rows, stride, width, position, sums); }) {
    if (rows > 0) {
      Op::leaf(x, rows, stride, width, position, sums);
      return;
    }
  }
  std::fill(sums, sums + width, Op::identity());
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const auto* row = x + r * stride;
    for (int64_t j = 0; j < width; ++j) {
      const auto a = Op::combine(Op::load(row[j], position(r, j)),
                                 Op::load(row[stride + j], position(r + 1, j)));
      const auto b = Op::combine(Op::load(row[2 * stride + j], position(r + 2, j)),
                                 Op::load(row[3 * stride + j], position(r + 3, j)));
      sums[j] = Op::combine(sums[j], Op::combine(a, b));
    }
  }
  for (; r < rows; ++r) {
    for (int64_t j = 0; j < width; ++j) {
      sums[j] = Op::combine(sums[j], Op::load(x[r * stride + j], position(r, j)));
    }
  }
}

/// Rows too short for vectors along them become columns, kSide at a time.
template <class Op>
void reduce_short_rows(const typename Op::Input* HWY_RESTRICT x,
                       int64_t rows,
                       int64_t n,
                       int64_t total,
                       typename Op::Output* HWY_RESTRICT y) {
  constexpr int64_t kSide = 64;
  typename Op::Input columns[kReduceShort * kSide];
  typename Op::Partial sums[kSide];
  for (int64_t row = 0; row < rows; row += kSide, x += kSide * n, y += kSide) {
    const int64_t side = std::min(kSide, rows - row);
    for (int64_t k = 0; k < side; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        columns[i * kSide + k] = x[k * n + i];
      }
    }
    reduce_tile<Op>(columns, n, kSide, side, {0, 1, kNoGroups}, sums);
    for (int64_t k = 0; k < side; ++k) {
      y[k] = Op::finish(sums[k], total);
    }
  }
}

template <class Op>
void reduce_rows(const CpuContext& cpu,
                 const kernels::ReductionView& view,
                 int64_t total,
                 const typename Op::Input* x,
                 typename Op::Output* y) {
  const int64_t n = view.length;
  if (n <= kReduceTask) {
    const int64_t grain = std::max<int64_t>(1, kReduceTask / std::max<int64_t>(1, n));
    parallel_for(view.outer, grain, [=](int64_t begin, int64_t end) HWY_ATTR {
      if (n <= kReduceShort) {
        reduce_short_rows<Op>(x + begin * n, end - begin, n, total, y + begin);
        return;
      }
      for (int64_t row = begin; row < end; ++row) {
        y[row] = Op::finish(reduce_run<Op>(x + row * n, n, 0), total);
      }
    });
    return;
  }
  const int64_t tasks = (n + kReduceTask - 1) / kReduceTask;
  const Buffer scratch =
      cpu.scratch(static_cast<size_t>(view.outer * tasks) * sizeof(typename Op::Partial));
  auto* partials = reinterpret_cast<typename Op::Partial*>(scratch.host());
  parallel_for(view.outer * tasks, 1, [=](int64_t begin, int64_t end) HWY_ATTR {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t first = task % tasks * kReduceTask;
      partials[task] =
          reduce_run<Op>(x + task / tasks * n + first, std::min(kReduceTask, n - first), first);
    }
  });
  using Merge = typename MergeOf<Op>::type;
  reduce_rows<Merge>(cpu, {view.outer, tasks, 1}, total, partials, y);
}

/// Narrow rows that follow each other in memory are worked on several at a time, as one wide row.
template <class Op>
void reduce_narrow_tile(const typename Op::Input* x,
                        int64_t rows,
                        int64_t width,
                        int64_t first,
                        typename Op::Partial* sums) {
  const int64_t fold = std::min<int64_t>(128 / width, rows);
  uint8_t group[128];
  for (int64_t j = 0; j < fold * width; ++j) {
    group[j] = static_cast<uint8_t>(j / width);
  }
  typename Op::Partial wide[128], rest[128];
  const int64_t whole = rows / fold;
  reduce_tile<Op>(x, whole, fold * width, fold * width, {first, fold, group}, wide);
  reduce_tile<Op>(
      x + whole * fold * width, rows % fold, width, width, {first + whole * fold, 1, group}, rest);
  for (int64_t j = 0; j < width; ++j) {
    sums[j] = rest[j];
    for (int64_t k = 0; k < fold; ++k) {
      sums[j] = Op::combine(sums[j], wide[k * width + j]);
    }
  }
}

template <class Op>
void reduce_columns(const CpuContext& cpu,
                    const kernels::ReductionView& view,
                    int64_t total,
                    const typename Op::Input* x,
                    typename Op::Output* y) {
  const int64_t n = view.length;
  const int64_t inner = view.inner;
  const int64_t tiles = (inner + kReduceTile - 1) / kReduceTile;
  const int64_t block =
      std::max<int64_t>(kReduceRows, 2 * kReduceTask / std::min(inner, kReduceTile));
  const int64_t blocks = std::max<int64_t>(1, (n + block - 1) / block);
  Buffer scratch;
  typename Op::Partial* partials = nullptr;
  if (blocks > 1) {
    scratch =
        cpu.scratch(static_cast<size_t>(view.outputs() * blocks) * sizeof(typename Op::Partial));
    partials = reinterpret_cast<typename Op::Partial*>(scratch.host());
  }
  const int64_t task_size = std::max<int64_t>(1, std::min(n, block) * std::min(inner, kReduceTile));
  const int64_t grain = std::max<int64_t>(1, kReduceTask / task_size);
  parallel_for(view.outer * blocks * tiles, grain, [=](int64_t begin, int64_t end) HWY_ATTR {
    typename Op::Partial sums[kReduceTile];
    for (int64_t task = begin; task < end; ++task) {
      const int64_t column = task % tiles * kReduceTile;
      const int64_t slab = task / tiles;  // outer * blocks + block
      const int64_t first = slab % blocks * block;
      const int64_t rows = std::min(block, n - first);
      const int64_t width = std::min(kReduceTile, inner - column);
      const auto* start = x + (slab / blocks * n + first) * inner + column;
      if (inner <= 64 && rows > 1) {
        reduce_narrow_tile<Op>(start, rows, width, first, sums);
      } else {
        reduce_tile<Op>(start, rows, inner, width, {first, 1, kNoGroups}, sums);
      }
      for (int64_t j = 0; j < width; ++j) {
        if (partials != nullptr) {
          partials[slab * inner + column + j] = sums[j];
        } else {
          y[slab * inner + column + j] = Op::finish(sums[j], total);
        }
      }
    }
  });
  if (blocks > 1) {
    using Merge = typename MergeOf<Op>::type;
    reduce_columns<Merge>(cpu, {view.outer, blocks, inner}, total, partials, y);
  }
}

/// Reduces `x` along `view` into `y`, of view.outputs() elements.
template <class Op>
void reduce(const CpuContext& cpu,
            const kernels::ReductionView& view,
            const typename Op::Input* x,
            typename Op::Output* y) {
  if (view.inner == 1) {
    reduce_rows<Op>(cpu, view, view.length, x, y);
  } else if (view.outputs() > 0) {
    reduce_columns<Op>(cpu, view, view.length, x, y);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
