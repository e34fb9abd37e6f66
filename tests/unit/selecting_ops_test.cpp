#include "gtest/gtest.h"

#include "ingot/ops.hpp"

namespace ingot {
namespace {

const Backend& cpu() {
  static const Backend backend = init_backend(BackendPreference::kCpu);
  return backend;
}

TEST(SelectingOps, ScanTakesTheLastAxisUnlessToldOtherwise) {
  const Tensor x = cpu().to_device(std::vector<int32_t>{1, 2, 3, 4}, {2, 2});
  EXPECT_EQ(inclusive_scan(x).to_vector<int32_t>(), (std::vector<int32_t>{1, 3, 3, 7}));
  EXPECT_EQ(exclusive_scan(x, {.axis = 0}).to_vector<int32_t>(),
            (std::vector<int32_t>{0, 0, 1, 2}));
}

TEST(SelectingOps, CompactFetchesWhatItKept) {
  const Tensor x = cpu().to_device(std::vector<float>{1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor mask = cpu().to_device(std::vector<uint8_t>{1, 0, 255});
  const Compacted kept = compact(x, mask);
  EXPECT_EQ(kept.count.item<uint64_t>(), 2u);
  EXPECT_EQ(kept.fetch().shape(), (Shape{2, 2}));
  EXPECT_EQ(kept.fetch().to_vector<float>(), (std::vector<float>{1, 2, 5, 6}));
}

TEST(SelectingOps, TopkGivesTheLargestUnlessToldOtherwise) {
  const Tensor x = cpu().to_device(std::vector<float>{3, 9, 1, 9});
  EXPECT_EQ(topk(x, 2).indices.to_vector<int64_t>(), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(topk(x, 2, {.largest = false, .labels = {}}).values.to_vector<float>(),
            (std::vector<float>{1, 3}));
}

}  // namespace
}  // namespace ingot
