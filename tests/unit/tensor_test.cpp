#include "ingot/tensor.hpp"

#include <cstdlib>

#include "gtest/gtest.h"

#include "tests/unit/refusal.hpp"

namespace ingot {
namespace {

class TensorTest : public testing::Test {
 protected:
  Backend backend_ = init_backend(BackendPreference::kCpu);
};

TEST_F(TensorTest, RoundTrip) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const Tensor x = backend_.to_device(values, {2, 3});
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), DType::kF32);
  EXPECT_EQ(x.to_vector<float>(), values);
  EXPECT_EQ(x.backend().name(), "cpu");
}

TEST_F(TensorTest, ViewsShareTheData) {
  const Tensor x = backend_.to_device<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  EXPECT_EQ(x.rows(1, 3).to_vector<float>(), (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(x.rows(1, 3).rows(1, 2).reshape({2, 1}).to_vector<float>(), (std::vector<float>{5, 6}));
  EXPECT_EQ(x.rows(3, 3).elements(), 0);
  EXPECT_THROW(x.rows(2, 4), Error);
  EXPECT_THROW(x.reshape({7}), Error);
}

TEST_F(TensorTest, AsksForTheRightType) {
  const Tensor x = backend_.to_device<float>({1.5f});
  EXPECT_EQ(x.item<float>(), 1.5f);
  EXPECT_THROW(x.to_vector<int32_t>(), Error);
  EXPECT_THROW(backend_.to_device<float>({1, 2}).item<float>(), Error);
}

TEST_F(TensorTest, WithoutDataIsAnErrorToRead) {
  const Tensor none;
  EXPECT_FALSE(none);
  EXPECT_EQ(refusal([&] { none.to_vector<float>(); }),
            "tensor: has no data (make it with to_device)");
  EXPECT_THROW(backend_.copy(none), Error);
  EXPECT_THROW(none.backend(), Error);
}

TEST_F(TensorTest, SizeMustFitTheShape) {
  const std::vector<float> values(5);
  EXPECT_THROW(backend_.to_device(values, {2, 3}), Error);
}

TEST_F(TensorTest, EmptyTensor) {
  EXPECT_EQ(backend_.to_device(std::vector<float>{}, {0, 4}).to_vector<float>().size(), 0u);
}

TEST_F(TensorTest, ImportedMemoryIsUsedInPlaceAndKept) {
  auto released = std::make_shared<bool>(false);
  auto* memory = static_cast<float*>(std::malloc(4 * sizeof(float)));
  std::shared_ptr<void> owner(memory, [released](void* p) {
    *released = true;
    std::free(p);
  });
  Tensor x = backend_.import_host(memory, DType::kF32, {4}, std::move(owner));
  EXPECT_EQ(x.host_as<float>(), memory);
  EXPECT_FALSE(*released);
  x = Tensor();
  EXPECT_TRUE(*released);
}

TEST_F(TensorTest, MemoryUseIsCounted) {
  const Tensor x = backend_.to_device(std::vector<float>(1000));
  EXPECT_EQ(backend_.memory_use().in_use, 4096u);
}

TEST(Backends, PreferenceByName) {
  EXPECT_EQ(parse_device("softmetal"), BackendPreference::kSoftMetal);
  EXPECT_EQ(parse_device("cuda"), DeviceChoice(BackendPreference::kCuda, 0));
  EXPECT_EQ(parse_device("cuda:11"), DeviceChoice(BackendPreference::kCuda, 11));
  for (const char* text :
       {"gpu", "", ":1", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999999999", "cpu:0"}) {
    EXPECT_THROW(parse_device(text), Error) << text;
  }
}

TEST(Backends, EveryKindIsReportedWithAReasonWhereMissing) {
  const auto reports = list_devices();
  EXPECT_GE(reports.size(), 4u);
  for (const DeviceReport& report : reports) {
    EXPECT_NE(report.available, !report.reason.empty()) << to_string(report.kind);
    EXPECT_TRUE(report.device.starts_with(to_string(report.kind))) << report.device;
  }
}

TEST(Backends, ATensorIsCopiedToAnotherDevice) {
  const Backend one = init_backend(BackendPreference::kCpu);
  const Backend other = init_backend(BackendPreference::kCpu);
  const Tensor x = one.to_device<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor y = other.copy(x.rows(1, 3));
  EXPECT_EQ(y.stream(), other.stream());
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(one.copy(x).host(), x.host()) << "it is there already";
  EXPECT_EQ(other.copy(one.to_device(std::vector<float>())).elements(), 0);
}

TEST(Backends, AutoNeverTakesSoftMetal) {
  EXPECT_NE(init_backend(BackendPreference::kAuto).info().kind, BackendKind::kSoftMetal);
}

}  // namespace
}  // namespace ingot
