#include "kernels/common/broadcast.hpp"

#include <algorithm>

namespace ingot::kernels {

bool BroadcastPlan::is_dense(size_t operand) const {
  const Operand& walk = operands[operand];
  int64_t step = inner;
  for (size_t d = static_cast<size_t>(rank); d-- > 0; step *= extents[d]) {
    if (walk.strides[d] != step) {
      return false;
    }
  }
  return walk.inner_stride == 1;
}

BroadcastPlan plan_broadcast(const Shape& result, std::initializer_list<Shape> operands) {
  BroadcastPlan plan;
  plan.operands.resize(operands.size());
  if (std::all_of(operands.begin(), operands.end(), [&](const Shape& s) { return s == result; })) {
    plan.inner = result.elements();  // as mostly
    return plan;
  }
  std::vector<Strides> strides;
  for (const Shape& operand : operands) {
    strides.push_back(broadcast_strides(operand, result));
  }

  // Dimensions after joining, outermost first, each with the strides of all operands.
  struct Dimension {
    int64_t extent;
    std::vector<int64_t> strides;
  };
  std::vector<Dimension> dimensions;
  for (int axis = 0; axis < result.rank(); ++axis) {
    if (result[axis] == 1) {
      continue;
    }
    Dimension next{result[axis], {}};
    for (const Strides& of_operand : strides) {
      next.strides.push_back(of_operand[static_cast<size_t>(axis)]);
    }
    const bool joins = !dimensions.empty() &&
                       std::equal(next.strides.begin(),
                                  next.strides.end(),
                                  dimensions.back().strides.begin(),
                                  [&](int64_t in, int64_t out) { return out == in * next.extent; });
    if (joins) {
      next.extent *= dimensions.back().extent;
      dimensions.back() = std::move(next);
    } else {
      dimensions.push_back(std::move(next));
    }
  }
  if (dimensions.empty()) {
    dimensions.push_back({1, std::vector<int64_t>(strides.size(), 1)});
  }

  plan.rank = static_cast<int>(dimensions.size()) - 1;
  for (size_t d = 0; d + 1 < dimensions.size(); ++d) {
    plan.extents[d] = dimensions[d].extent;
    plan.rows *= dimensions[d].extent;
    for (size_t i = 0; i < strides.size(); ++i) {
      plan.operands[i].strides[d] = dimensions[d].strides[i];
    }
  }
  plan.inner = dimensions.back().extent;
  for (size_t i = 0; i < strides.size(); ++i) {
    plan.operands[i].inner_stride = dimensions.back().strides[i];
  }
  return plan;
}

}  // namespace ingot::kernels
