// How several tensors are walked together under NumPy's broadcasting.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "ingot/shape.hpp"

namespace ingot::kernels {

/// A nest of loops over the elements of a broadcast result, in row-major order: `rank` outer
/// dimensions, `rows` combinations of them, and one innermost run of `inner` elements. Along the
/// run every operand either advances by one element or stands still. Strides are in elements.
struct BroadcastPlan {
  struct Operand {
    std::array<int64_t, kMaxRank> strides{};  // of the outer dimensions, outermost first
    int64_t inner_stride = 1;                 // 0 or 1
  };
  int rank = 0;
  std::array<int64_t, kMaxRank> extents{};
  int64_t rows = 1;
  int64_t inner = 1;
  std::vector<Operand> operands;

  /// Whether the operand is laid out like the result: element i of one meets element i of the
  /// other.
  bool is_dense(size_t operand) const;
};

/// The plan with as few dimensions as possible: neighbours that all operands walk in one go are
/// joined, so dense tensors of one shape become a single run. Every operand must broadcast to
/// `result`, which must not be empty.
BroadcastPlan plan_broadcast(const Shape& result, std::initializer_list<Shape> operands);

}  // namespace ingot::kernels
