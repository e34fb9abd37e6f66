#include "ingot/shape.hpp"

#include <limits>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ((Shape{3, 4, 5}).elements(), 60);
  EXPECT_EQ((Shape{3, 0, 5}).elements(), 0);
  EXPECT_EQ((Shape{int64_t{1} << 40, 1 << 19}).elements(), int64_t{1} << 59);
}

TEST(Shape, RefusesWhatSixtyFourBitsCannotCount) {
  EXPECT_THROW((Shape{int64_t{1} << 40, int64_t{1} << 40}), Error);
  EXPECT_THROW((Shape{int64_t{1} << 60}), Error);  // 2^63 bytes of i64
  EXPECT_NO_THROW((Shape{(int64_t{1} << 60) - 1}));
  EXPECT_THROW((Shape{-1}), Error);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), Error);
}

TEST(Shape, NegativeAxesCountFromTheEnd) {
  const Shape shape{2, 3, 5};
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(shape.normalize_axis(-3), 0);
  EXPECT_THROW(shape.normalize_axis(3), Error);
  EXPECT_THROW(shape.normalize_axis(-4), Error);
}

TEST(Shape, EditsGiveNewShapes) {
  const Shape shape{2, 3, 5};
  EXPECT_EQ(shape.with(1, 7), (Shape{2, 7, 5}));
  EXPECT_EQ(shape.without(0), (Shape{3, 5}));
  EXPECT_EQ(shape.append(4), (Shape{2, 3, 5, 4}));
  EXPECT_EQ(to_string(shape), "[2, 3, 5]");
  EXPECT_EQ(to_string(Shape()), "[]");
}

TEST(Shape, Broadcasting) {
  EXPECT_EQ(broadcast_shapes({3, 1}, {4}, "b"), (Shape{3, 4}));
  EXPECT_EQ(broadcast_shapes({}, {2, 3}, "b"), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shapes({0, 3}, {1, 3}, "b"), (Shape{0, 3}));
  EXPECT_EQ(broadcast_shapes({5, 1, 7}, {6, 1}, "b"), (Shape{5, 6, 7}));
  EXPECT_THROW(broadcast_shapes({2}, {3}, "b"), Error);

  const Strides strides = broadcast_strides({6, 1}, {5, 6, 7});
  EXPECT_EQ(strides[0], 0);
  EXPECT_EQ(strides[1], 1);
  EXPECT_EQ(strides[2], 0);
}

TEST(Shape, RowMajorStrides) {
  const Strides strides = contiguous_strides({2, 3, 5});
  EXPECT_EQ(strides[0], 15);
  EXPECT_EQ(strides[1], 5);
  EXPECT_EQ(strides[2], 1);
}

}  // namespace
}  // namespace ingot
