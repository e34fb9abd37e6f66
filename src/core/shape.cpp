#include "ingot/shape.hpp"

#include <algorithm>
#include <vector>

#include "ingot/error.hpp"

namespace ingot {

Shape::Shape(std::initializer_list<int64_t> extents)
    : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const int64_t> extents) {
  if (extents.size() > static_cast<size_t>(kMaxRank)) {
    throw Error(ErrorCode::kInvalidArgument,
                "shape",
                "rank " + std::to_string(extents.size()) + " is above the limit of " +
                    std::to_string(kMaxRank),
                "reshape to fewer dimensions");
  }
  rank_ = static_cast<int>(extents.size());
  std::copy(extents.begin(), extents.end(), extents_.begin());
  for (const int64_t extent : extents) {
    if (extent < 0) {
      throw Error(ErrorCode::kInvalidArgument, "shape", "negative extent in " + to_string(*this));
    }
    if (__builtin_mul_overflow(elements_, extent, &elements_) || elements_ > kMaxElements) {
      throw Error(ErrorCode::kInvalidArgument,
                  "shape",
                  to_string(*this) + " has more elements than 64 bits can address",
                  "at most 2^60 - 1");
    }
  }
}

int Shape::normalize_axis(int64_t axis) const {
  const int64_t positive = axis < 0 ? axis + rank_ : axis;
  if (positive < 0 || positive >= rank_) {
    throw Error(ErrorCode::kInvalidArgument,
                "axis",
                std::to_string(axis) + " is out of range for shape " + to_string(*this));
  }
  return static_cast<int>(positive);
}

Shape Shape::with(int axis, int64_t extent) const {
  std::vector<int64_t> extents(begin(), end());
  extents[static_cast<size_t>(normalize_axis(axis))] = extent;
  return Shape(extents);
}

Shape Shape::without(int axis) const {
  std::vector<int64_t> extents(begin(), end());
  extents.erase(extents.begin() + normalize_axis(axis));
  return Shape(extents);
}

Shape Shape::append(int64_t extent) const {
  std::vector<int64_t> extents(begin(), end());
  extents.push_back(extent);
  return Shape(extents);
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const int64_t extent : shape) {
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  }
  return text + "]";
}

Strides contiguous_strides(const Shape& shape) {
  Strides strides{};
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<size_t>(axis)] = step;
    step *= shape[axis];
  }
  return strides;
}

Shape broadcast_shapes(const Shape& a, const Shape& b, const std::string& subject) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<int64_t> extents(static_cast<size_t>(rank));
  for (int from_end = 1; from_end <= rank; ++from_end) {
    const int64_t x = from_end <= a.rank() ? a[-from_end] : 1;
    const int64_t y = from_end <= b.rank() ? b[-from_end] : 1;
    if (x != y && x != 1 && y != 1) {
      throw Error(ErrorCode::kInvalidArgument,
                  subject,
                  "shapes " + to_string(a) + " and " + to_string(b) + " do not broadcast",
                  "each dimension, aligned at the last, must be equal or 1");
    }
    extents[static_cast<size_t>(rank - from_end)] = x == 1 ? y : x;
  }
  return Shape(extents);
}

Strides broadcast_strides(const Shape& from, const Shape& to) {
  const Strides dense = contiguous_strides(from);
  Strides strides{};
  const int missing = to.rank() - from.rank();
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1) {
      strides[static_cast<size_t>(axis + missing)] = dense[static_cast<size_t>(axis)];
    }
  }
  return strides;
}

}  // namespace ingot
