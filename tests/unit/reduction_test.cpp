// The typed functions of the reductions, softmax and Philox, and tensors that begin inside a
// buffer.
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/ops.hpp"
#include "ingot/tensor.hpp"

#include "tests/unit/gpu_preference.hpp"
#include "tests/unit/refusal.hpp"
#include "tests/zeros.hpp"

namespace ingot {
namespace {

class Reductions : public testing::TestWithParam<BackendPreference> {
 protected:
  // 0, 1, 2, ...
  Tensor count_up(const Shape& shape) {
    std::vector<float> values(static_cast<size_t>(shape.elements()));
    std::iota(values.begin(), values.end(), 0.0F);
    return backend_.to_device(values, shape);
  }

  Backend backend_ = init_backend(GetParam());
};

TEST_P(Reductions, ReduceAllOrOneAxis) {
  const Tensor x = count_up({2, 3, 2});
  EXPECT_EQ(reduce_sum(x).item<float>(), 66);
  EXPECT_EQ(reduce_sum(x).shape(), Shape{});
  const Tensor y = reduce_sum(x, {.axis = 1});
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{6, 9, 24, 27}));
  EXPECT_EQ(reduce_argmax(x, {.axis = -1}).to_vector<int64_t>(),
            (std::vector<int64_t>{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(reduce_argmax(x).item<int64_t>(), 11);
}

// Vectors of four elements cannot be read where a tensor begins at an odd element.
TEST_P(Reductions, TensorsMayBeginAnywhere) {
  for (const int64_t n : {8, 1024, 20'000, 40'000}) {
    const Tensor x = count_up({n + 1}).rows(1, n + 1);
    const auto count = static_cast<double>(n);
    EXPECT_NEAR(reduce_sum(x).item<float>() / (count * (count + 1) / 2), 1, 1e-6);
    EXPECT_EQ(reduce_argmax(x).item<int64_t>(), n - 1);
    const std::vector<float> y = softmax(x).to_vector<float>();
    const double last = (1 - std::exp(-1)) / (1 - std::exp(-count));  // a geometric series
    EXPECT_NEAR(y.back(), last, 1e-6);
    EXPECT_NEAR(y[y.size() - 2], std::exp(-1) * last, 1e-6);
  }
}

TEST_P(Reductions, SoftmaxTakesTheLastAxisOnly) {
  const Tensor x = count_up({2, 4});
  EXPECT_EQ(softmax(x, {.axis = 1}).to_vector<float>(), softmax(x).to_vector<float>());
  try {
    softmax(x, {.axis = 0});
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("0 is not the last dimension of shape [2, 4]"),
              std::string::npos)
        << error.what();
  }
}

TEST_P(Reductions, PhiloxStreamsContinueAtTheirOffset) {
  const uint64_t seed = ~uint64_t{5};
  const Tensor whole = philox(backend_, 10, {.seed = seed, .offset = ~uint64_t{3}});
  const Tensor rest = philox(backend_, 4, {.seed = seed, .offset = 2});  // 2^64 - 4 + 6
  EXPECT_EQ(whole.shape(), (Shape{10, 4}));
  EXPECT_EQ(whole.rows(6, 10).to_vector<uint32_t>(), rest.to_vector<uint32_t>());
}

INSTANTIATE_TEST_SUITE_P(Devices,
                         Reductions,
                         testing::Values(BackendPreference::kCpu, kGpu),
                         [](const auto& info) {
                           return info.param == BackendPreference::kCpu ? "Cpu" : "Gpu";
                         });

TEST(ReductionsOfManyElements, PositionsBeyond32BitsAreRefusedOnAGpu) {
  const Backend backend = init_backend(kGpu);
  const int64_t n = int64_t{1} << 32;
  if (backend.info().max_buffer_bytes < 2 * static_cast<size_t>(n)) {
    GTEST_SKIP() << "the device has no buffers of 8 GiB";
  }
  EXPECT_EQ(refusal([&] { reduce_argmax(Zeros<bfloat16>({n}).on(backend)); }),
            "REDUCE_ARGMAX: 4294967296 positions of a maximum are more than the 4294901760 that it "
            "counts on a GPU (split the data, or use the cpu device)");
}

}  // namespace
}  // namespace ingot
