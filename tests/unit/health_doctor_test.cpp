// What the doctor says of a Metal device's generation.
#include "gtest/gtest.h"

#include "ingot/tensor.hpp"

#include "gmock/gmock.h"
#include "health/doctor_gpu.hpp"

namespace ingot::health {
namespace {

using testing::HasSubstr;

DeviceInfo apple_gpu(MetalFamily family) {
  DeviceInfo info;
  info.kind = BackendKind::kMetal;
  info.name = "Apple GPU";
  info.metal_family = family;
  return info;
}

TEST(HealthDoctor, FamiliesHaveTheirNames) {
  EXPECT_EQ(to_string(MetalFamily{.apple = 10, .metal = 4}), "Apple10, Metal 4");
  EXPECT_EQ(to_string(MetalFamily{.apple = 6}), "Apple6");
  EXPECT_EQ(to_string(MetalFamily{.metal = 3}), "Metal 3");
  EXPECT_EQ(to_string(MetalFamily{}), "");
}

TEST(HealthDoctor, TensorUnitsComeWithApple10) {
  const DeviceInfo m4 = apple_gpu({.apple = 9, .metal = 4});
  std::vector<Check> checks = check_family(&m4);
  EXPECT_EQ(checks[0].found, "Apple9, Metal 4");
  EXPECT_THAT(checks[0].why, HasSubstr("Apple GPU says"));
  EXPECT_EQ(checks[1].state, CheckState::kMissing);
  EXPECT_THAT(checks[1].why, HasSubstr("Apple10"));

  const DeviceInfo m5 = apple_gpu({.apple = 10, .metal = 4});
  checks = check_family(&m5);
  EXPECT_EQ(checks[1].state, CheckState::kOk);
  EXPECT_THAT(checks[1].why, HasSubstr("not used"));
  EXPECT_EQ(checks[1].remedy, "");

  const DeviceInfo old_system = apple_gpu({.apple = 10, .metal = 3});
  EXPECT_THAT(check_family(&old_system)[1].remedy, HasSubstr("macOS 26.2"));
}

TEST(HealthDoctor, WithoutAMetalDeviceThereIsNoFamily) {
  for (const Check& check : check_family(nullptr)) {
    EXPECT_EQ(check.state, CheckState::kMissing);
    EXPECT_EQ(check.found, "");
    EXPECT_THAT(check.why, HasSubstr("no Metal device"));
  }
}

#if !defined(__APPLE__)
// The Metal backend asks softmetal, which answers for the ninth generation and Metal 3.
TEST(HealthDoctor, SoftmetalTellsWhatItModels) {
  const Backend backend = init_backend(BackendPreference::kSoftMetal);
  EXPECT_EQ(backend.info().metal_family.apple, 9);
  EXPECT_EQ(backend.info().metal_family.metal, 3);
  EXPECT_EQ(backend.info().family, "apple9");
  const std::vector<Check> checks = check_family(&backend.info());
  EXPECT_EQ(checks[0].found, "Apple9, Metal 3");
  EXPECT_THAT(checks[0].why, HasSubstr("no Apple GPU"));
  EXPECT_EQ(checks[1].state, CheckState::kMissing);
}
#endif

TEST(HealthDoctor, OtherDevicesHaveNoFamily) {
  EXPECT_EQ(to_string(init_backend(BackendPreference::kCpu).info().metal_family), "");
}

}  // namespace
}  // namespace ingot::health
