// Shapes and strides: up to eight dimensions of 64-bit extents, row-major.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace ingot {

inline constexpr int kMaxRank = 8;
/// So that the bytes of a tensor of any dtype fit in a signed 64-bit integer.
inline constexpr int64_t kMaxElements = (int64_t{1} << 60) - 1;

/// A list of at most kMaxRank 64-bit integers: the extents of a tensor, outermost first. Rank 0 is
/// a scalar.
class Shape {
 public:
  Shape() = default;
  /// Throws Error(kInvalidArgument) above kMaxRank dimensions, on a negative extent, and above
  /// kMaxElements elements.
  Shape(std::initializer_list<int64_t> extents);
  explicit Shape(std::span<const int64_t> extents);

  int rank() const { return rank_; }
  /// Extent of dimension `axis`; a negative axis counts from the end. Throws
  /// Error(kInvalidArgument) when out of range.
  int64_t operator[](int axis) const { return extents_[static_cast<size_t>(normalize_axis(axis))]; }
  /// Product of the extents: 1 for a scalar, 0 when an extent is 0.
  int64_t elements() const { return elements_; }
  /// Maps -rank..rank-1 to 0..rank-1. Throws Error(kInvalidArgument) otherwise.
  int normalize_axis(int64_t axis) const;

  std::span<const int64_t> extents() const { return {extents_.data(), static_cast<size_t>(rank_)}; }
  auto begin() const { return extents().begin(); }
  auto end() const { return extents().end(); }

  /// This shape with `extent` in place of dimension `axis`.
  Shape with(int axis, int64_t extent) const;
  /// This shape without dimension `axis`.
  Shape without(int axis) const;
  /// This shape followed by `extent`.
  Shape append(int64_t extent) const;

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.rank_ == b.rank_ && a.extents_ == b.extents_;
  }

 private:
  std::array<int64_t, kMaxRank> extents_{};
  int rank_ = 0;
  int64_t elements_ = 1;
};

/// "[3, 4]"; "[]" for a scalar.
std::string to_string(const Shape& shape);

/// Distance in elements between neighbours along each dimension.
using Strides = std::array<int64_t, kMaxRank>;

/// Row-major strides of a dense tensor of this shape.
Strides contiguous_strides(const Shape& shape);

/// The shape that `a` and `b` broadcast to by NumPy's rules (align the last dimensions; 1
/// stretches). Throws Error(kInvalidArgument, subject) when they do not.
Shape broadcast_shapes(const Shape& a, const Shape& b, const std::string& subject);

/// Strides with which a dense tensor of shape `from` is read as if it had shape `to`: 0 along
/// stretched dimensions. `from` must broadcast to `to`.
Strides broadcast_strides(const Shape& from, const Shape& to);

}  // namespace ingot
