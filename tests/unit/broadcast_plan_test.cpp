#include "gtest/gtest.h"

#include "kernels/common/broadcast.hpp"

namespace ingot::kernels {
namespace {

TEST(BroadcastPlan, DenseTensorsAreOneRun) {
  const BroadcastPlan plan = plan_broadcast({2, 3, 4}, {{2, 3, 4}, {2, 3, 4}});
  EXPECT_EQ(plan.rank, 0);
  EXPECT_EQ(plan.rows, 1);
  EXPECT_EQ(plan.inner, 24);
  EXPECT_EQ(plan.operands[1].inner_stride, 1);
  EXPECT_TRUE(plan.is_dense(0));
}

TEST(BroadcastPlan, AScalarStandsStillInOneRun) {
  const BroadcastPlan plan = plan_broadcast({2, 3, 4}, {{2, 3, 4}, {}});
  EXPECT_EQ(plan.rank, 0);
  EXPECT_EQ(plan.inner, 24);
  EXPECT_EQ(plan.operands[0].inner_stride, 1);
  EXPECT_EQ(plan.operands[1].inner_stride, 0);
  EXPECT_FALSE(plan.is_dense(1));
}

TEST(BroadcastPlan, LeadingDimensionsJoinOverARow) {
  const BroadcastPlan plan = plan_broadcast({2, 3, 4}, {{2, 3, 4}, {4}});
  EXPECT_EQ(plan.rank, 1);
  EXPECT_EQ(plan.rows, 6);
  EXPECT_EQ(plan.inner, 4);
  EXPECT_EQ(plan.operands[0].strides[0], 4);
  EXPECT_EQ(plan.operands[1].strides[0], 0);
  EXPECT_TRUE(plan.is_dense(0));
  EXPECT_FALSE(plan.is_dense(1));
}

TEST(BroadcastPlan, DimensionsStretchedInDifferentOperandsStayApart) {
  const BroadcastPlan plan = plan_broadcast({5, 1, 2, 7}, {{5, 1, 1, 7}, {1, 1, 2, 1}});
  EXPECT_EQ(plan.rank, 2);
  EXPECT_EQ(plan.extents[0], 5);
  EXPECT_EQ(plan.extents[1], 2);
  EXPECT_EQ(plan.inner, 7);
  EXPECT_EQ(plan.operands[0].strides[0], 7);
  EXPECT_EQ(plan.operands[0].strides[1], 0);
  EXPECT_EQ(plan.operands[1].strides[1], 1);
  EXPECT_EQ(plan.operands[1].inner_stride, 0);
}

TEST(BroadcastPlan, OneElementIsARunOfOne) {
  const BroadcastPlan plan = plan_broadcast({1, 1}, {{}, {1, 1}});
  EXPECT_EQ(plan.rank, 0);
  EXPECT_EQ(plan.rows, 1);
  EXPECT_EQ(plan.inner, 1);
}

}  // namespace
}  // namespace ingot::kernels
