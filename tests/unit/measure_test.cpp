#include "runtime/measure.hpp"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

#include "catalogue/catalogue.hpp"
#include "runtime/ceilings.hpp"
#include "runtime/throughput.hpp"

namespace ingot {
namespace {

TEST(Measure, TimingsAreTheMedianAndTheFastest) {
  const std::vector<double> times = {5, 1, 4, 2, 3};
  size_t next = 0;
  const Timings odd = repeat({0, 5}, [&] { return times[next++]; });
  EXPECT_EQ(odd.repeats, 5);
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.fastest, 1);
  next = 0;
  EXPECT_EQ(repeat({0, 4}, [&] { return times[next++]; }).median, 3);  // of 5 1 4 2
  next = 0;
  EXPECT_EQ(repeat({0, 0}, [&] { return times[next++]; }).repeats, 1);
}

TEST(Measure, RepeatsUntilTheTimeIsOver) {
  int calls = 0;
  repeat({0.01, 1}, [&] { return static_cast<double>(++calls); });
  EXPECT_GT(calls, 1);
}

TEST(Measure, RandomRealsAreStandardNormal) {
  constexpr int64_t kCount = 200000;
  const HostArray array = random_array(DType::kF32, {kCount}, 1);
  double sum = 0, squares = 0, fourth = 0;
  for (const float x : array.as<float>()) {
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += std::pow(x, 4);
  }
  // Five standard errors of the mean, the variance and the fourth moment (3).
  const double error = 5 / std::sqrt(static_cast<double>(kCount));
  EXPECT_NEAR(sum / kCount, 0, error);
  EXPECT_NEAR(squares / kCount, 1, error * std::sqrt(2.0));
  EXPECT_NEAR(fourth / kCount, 3, error * std::sqrt(96.0));
}

TEST(Measure, RandomIntegersCoverTheirRangeAndMasksAreZerosAndOnes) {
  const HostArray bytes = random_array(DType::kI8, {20000}, 1);
  std::vector<int> seen(256);
  for (const int8_t x : bytes.as<int8_t>()) {
    ++seen[static_cast<size_t>(x + 128)];
  }
  for (const int count : seen) {
    EXPECT_GT(count, 0);
  }
  int ones = 0;
  const HostArray masks = random_array(DType::kU8, {10000}, 1);
  for (const uint8_t x : masks.as<uint8_t>()) {
    ASSERT_LE(x, 1);
    ones += x;
  }
  EXPECT_NEAR(ones, 5000, 250);  // five standard deviations
}

TEST(Measure, RandomArraysDependOnTheSeedAlone) {
  const auto values = [](uint64_t seed) {
    const HostArray array = random_array(DType::kU64, {100000}, seed);
    return std::vector<uint64_t>(array.as<uint64_t>().begin(), array.as<uint64_t>().end());
  };
  EXPECT_EQ(values(1), values(1));
  EXPECT_NE(values(1), values(2));
}

TEST(Measure, KernelsAreMeasuredOnTheirSample) {
  const KernelRecord& record = find_kernel("QUANTIZE_F32_TO_F16");
  const Measurement measured =
      measure_kernel(init_backend(BackendPreference::kCpu), record, 1000, {0, 4});
  EXPECT_EQ(measured.time.repeats, 4);
  EXPECT_GT(measured.time.fastest, 0);
  EXPECT_LE(measured.time.fastest, measured.time.median);
  EXPECT_EQ(measured.cost.bytes_read, 4000);
  EXPECT_EQ(measured.cost.bytes_written, 2000);
  ASSERT_EQ(measured.inputs.size(), 1u);
  EXPECT_EQ(measured.inputs[0].shape, Shape({1000}));
  EXPECT_FALSE(measured.device_time);
}

TEST(Throughput, ArraysAreLargerThanCachesAndLeaveRoom) {
  DeviceInfo h200;
  h200.kind = BackendKind::kCuda;
  h200.memory_bytes = size_t{141} << 30;
  EXPECT_EQ(bandwidth_array_bytes(h200), size_t{2} << 30);
  DeviceInfo small = h200;
  small.memory_bytes = (size_t{6} << 30) + 12345;
  EXPECT_EQ(bandwidth_array_bytes(small), size_t{768} << 20);
  DeviceInfo processor;
  processor.memory_bytes = size_t{1} << 40;
  EXPECT_EQ(bandwidth_array_bytes(processor), size_t{256} << 20);
}

TEST(Ceilings, TheSlowerOfMemoryAndArithmeticBinds) {
  Ceilings ceilings;
  ceilings.copy_bytes_per_second = 10;
  ceilings.flops_per_second = 100;
  const Cost streaming{.flops = 20, .bytes_read = 20, .bytes_written = 10};
  EXPECT_EQ(ceilings.least_seconds(streaming), 3);
  EXPECT_TRUE(ceilings.memory_bound(streaming));
  const Cost product{.flops = 1000, .bytes_read = 20, .bytes_written = 10};
  EXPECT_EQ(ceilings.least_seconds(product), 10);
  EXPECT_FALSE(ceilings.memory_bound(product));
}

TEST(Measure, RepeatedInputsBeginLikeRandomOnes) {
  constexpr int64_t kPeriod = 1 << 20;
  const HostArray whole = repeated_random_array(DType::kF32, {5, kPeriod / 2 + 7}, 3);
  const HostArray begin = random_array(DType::kF32, {kPeriod}, 3);
  const auto values = whole.as<float>();
  for (int64_t i = 0; i < whole.elements(); ++i) {
    ASSERT_EQ(values[static_cast<size_t>(i)], begin.as<float>()[static_cast<size_t>(i % kPeriod)])
        << i;
  }
  const HostArray few = repeated_random_array(DType::kU8, {100}, 4);
  EXPECT_EQ(few.as<uint8_t>()[99], random_array(DType::kU8, {100}, 4).as<uint8_t>()[99]);
}

}  // namespace
}  // namespace ingot
