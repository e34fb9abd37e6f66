// The oracle for NumPy's broadcasting, by its definition: every index of the result is mapped to
// one index of each operand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "ingot/shape.hpp"

namespace ingot::conformance {

struct BroadcastIndices {
  Shape shape;
  std::vector<std::pair<int64_t, int64_t>> sources;  // of a and b, for each element of the result
};

inline BroadcastIndices broadcast_indices(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  const auto extent = [&](const Shape& s, int axis) {
    const int own = axis - (rank - s.rank());
    return own < 0 ? int64_t{1} : s[own];
  };
  std::vector<int64_t> extents;
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t x = extent(a, axis);
    extents.push_back(x == 1 ? extent(b, axis) : x);
  }
  BroadcastIndices result{Shape(extents), {}};
  for (int64_t i = 0; i < result.shape.elements(); ++i) {
    int64_t rest = i;
    int64_t index_a = 0, index_b = 0, step_a = 1, step_b = 1;
    for (int axis = rank - 1; axis >= 0; --axis) {
      const int64_t position = rest % result.shape[axis];
      rest /= result.shape[axis];
      index_a += (extent(a, axis) == 1 ? 0 : position) * step_a;
      index_b += (extent(b, axis) == 1 ? 0 : position) * step_b;
      step_a *= extent(a, axis);
      step_b *= extent(b, axis);
    }
    result.sources.emplace_back(index_a, index_b);
  }
  return result;
}

/// Pairs of shapes that broadcast: scalars, rows, columns, stretched on either or both sides, runs
/// that are no multiple of a vector, nothing to do, and the greatest rank.
inline std::vector<std::pair<Shape, Shape>> broadcast_cases() {
  return {{{}, {}},
          {{1}, {1, 1, 1}},
          {{1025}, {}},
          {{1}, {1025}},
          {{7, 33}, {33}},
          {{7, 33}, {7, 1}},
          {{64, 1}, {1, 100}},
          {{5, 1, 17}, {3, 1}},
          {{2, 3, 4, 5}, {2, 1, 4, 1}},
          {{4, 1, 8, 1, 3}, {1, 6, 1, 2, 3}},
          {{2, 1, 3, 1, 2, 1, 3, 4}, {1, 2, 1, 3, 1, 2, 1, 4}},
          {{300, 1, 260}, {1, 3, 260}},
          {{3, 0, 5}, {1, 5}},
          {{0}, {1}},
          {{1000, 3}, {3}}};
}

}  // namespace ingot::conformance
