// The Metal API of softmetal, used as a program for Apple's metal-cpp uses it.
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Api = SoftMetal;

TEST_F(Api, AddsVectors) {
  const auto add = pipeline(
      "kernel void add(device const float* a, device const float* b, device float* c,\n"
      "                uint i [[thread_position_in_grid]]) { c[i] = a[i] + b[i]; }\n",
      "add");
  ASSERT_TRUE(add);
  std::vector<float> a(1000), b(1000);
  for (int i = 0; i < 1000; ++i) {
    a[i] = 0.5f * i;
    b[i] = 1000.0f - i;
  }
  const auto x = buffer(a), y = buffer(b), z = buffer(std::vector<float>(1000, -1));
  EXPECT_EQ(run(add.get(), {x.get(), y.get(), z.get()}, {1000, 1, 1}, {64, 1, 1}), "");
  const auto sum = values<float>(z.get());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(sum[i], a[i] + b[i]) << i;
  }
}

}  // namespace
}  // namespace softmetal::testing
