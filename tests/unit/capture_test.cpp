// Captured calls and their replays: on the CPU, and on the Metal backend, which is softmetal on
// Linux. On CUDA: tests/cuda/cuda_device_test.cpp.
#include "ingot/capture.hpp"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/msl_kernel.hpp"
#include "ingot/ops.hpp"

#include "tests/unit/gpu_preference.hpp"

namespace ingot {
namespace {

using Floats = std::vector<float>;

class CaptureTest : public testing::TestWithParam<BackendPreference> {
 protected:
  void expect_error(const std::string& words, const std::function<void()>& action) {
    try {
      action();
      FAIL() << "no error; expected: " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << error.what();
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }

  Backend backend_ = init_backend(GetParam());
};

TEST_P(CaptureTest, AReplayComputesFromTheValuesOfNow) {
  const Tensor x = backend_.to_device<float>({1, 2, 3});
  const Tensor y = backend_.to_device<float>({10, 20, 30});
  Tensor sum, total;
  const Graph graph = capture(backend_, [&] {
    sum = add(x, y);
    total = reduce_sum(add(sum, sum));
  });
  EXPECT_EQ(sum.to_vector<float>(), (Floats{11, 22, 33})) << "the calls run when they are captured";
  EXPECT_EQ(total.item<float>(), 22 + 44 + 66);
  graph.set_input(x, Floats{0, 0, 1});
  EXPECT_EQ(sum.to_vector<float>(), (Floats{11, 22, 33})) << "and then only in a replay";
  graph.replay();
  EXPECT_EQ(sum.to_vector<float>(), (Floats{10, 20, 31}));
  EXPECT_EQ(total.item<float>(), 20 + 40 + 62);
}

TEST_P(CaptureTest, WorkIsDoneInTheOrderOfTheCalls) {
  const Tensor x = backend_.to_device<float>({1});
  Tensor y;
  const Graph graph = capture(backend_, [&] { y = add(x, x); });
  graph.set_input(x, Floats{5});
  const Tensor before = add(y, y);  // is in a batch that was not submitted
  graph.replay();
  const Tensor after = add(y, y);
  EXPECT_EQ(before.item<float>(), 4);
  EXPECT_EQ(after.item<float>(), 20);
}

TEST_P(CaptureTest, ACaptureOfMoreThanABatchAndAGraphOnAnother) {
  const Tensor one = backend_.to_device<float>({1});
  Tensor x = backend_.to_device<float>({0});
  const Tensor start = x;
  const Graph chain = capture(backend_, [&] {
    for (int i = 0; i < 200; ++i) {
      x = add(x, one);
    }
  });
  Tensor twice;
  const Graph second = capture(backend_, [&] { twice = add(x, x); });
  EXPECT_EQ(twice.item<float>(), 400);
  chain.set_input(start, Floats{1000});
  chain.replay();
  EXPECT_EQ(x.item<float>(), 1200);
  EXPECT_EQ(twice.item<float>(), 400);
  second.replay();
  EXPECT_EQ(twice.item<float>(), 2400);
}

TEST_P(CaptureTest, MemoryIsKeptWithTheGraphAndGivenBack) {
  backend_.synchronize();
  const size_t before = backend_.memory_use().in_use;
  {
    const Tensor x = backend_.to_device(Floats(1000, 1));
    Tensor y;
    const Graph graph = capture(backend_, [&] { y = add(add(x, x), x); });
    for (int i = 0; i < 3; ++i) {  // would take the memory of add(x, x), if it were free
      const Tensor other = backend_.to_device(Floats(1000, 9));
      graph.replay();
      EXPECT_EQ(y.to_vector<float>(), Floats(1000, 3));
      EXPECT_EQ(other.to_vector<float>(), Floats(1000, 9));
    }
  }
  backend_.synchronize();
  EXPECT_EQ(backend_.memory_use().in_use, before);
}

TEST_P(CaptureTest, WhatAReplayCouldNotRepeatIsRefused) {
  const Tensor x = backend_.to_device<float>({1, 2});
  Tensor y;
  expect_error("reading the data of a tensor cannot be captured", [&] {
    capture(backend_, [&] {
      y = add(x, x);
      y.to_vector<float>();
    });
  });
  expect_error("have not run", [&] { y.to_vector<float>(); });
  expect_error("a capture cannot be captured",
               [&] { capture(backend_, [&] { capture(backend_, [] {}); }); });
  EXPECT_EQ(add(x, x).to_vector<float>(), (Floats{2, 4})) << "the backend goes on";
}

TEST_P(CaptureTest, AnErrorInTheCallsEndsTheCapture) {
  const Tensor x = backend_.to_device<float>({1, 2});
  expect_error("do not broadcast",
               [&] { capture(backend_, [&] { add(x, backend_.to_device<float>({1, 2, 3})); }); });
  EXPECT_EQ(add(x, x).to_vector<float>(), (Floats{2, 4}));
}

TEST_P(CaptureTest, OnlyInputsOfTheCallsCanBeSet) {
  const Tensor x = backend_.to_device<float>({1, 2});
  const Tensor other = backend_.to_device<float>({1, 2});
  Tensor y;
  const Graph graph = capture(backend_, [&] { y = add(x, x); });
  expect_error("read no such tensor", [&] { graph.set_input(other, Floats{1, 2}); });
  expect_error("read no such tensor", [&] { graph.set_input(y, Floats{1, 2}); });
  expect_error("12 bytes of f32 were given", [&] { graph.set_input(x, Floats{1, 2, 3}); });
  expect_error("8 bytes of i32 were given",
               [&] { graph.set_input(x, std::vector<int32_t>{1, 2}); });
}

TEST_P(CaptureTest, ACaptureOfNothingReplaysNothing) {
  capture(backend_, [] {}).replay();
}

TEST_P(CaptureTest, OtherThreadsWaitForTheCapture) {
  const Tensor x = backend_.to_device<float>({3});
  Tensor y, elsewhere;
  std::thread thread;
  const Graph graph = capture(backend_, [&] {
    y = add(x, x);
    thread = std::thread([&] { elsewhere = add(x, x); });
    std::thread([&] { EXPECT_EQ(x.item<float>(), 3) << "reading does not wait"; }).join();
  });
  thread.join();
  EXPECT_EQ(elsewhere.item<float>(), 6);
  graph.set_input(x, Floats{4});
  graph.replay();
  EXPECT_EQ(elsewhere.item<float>(), 6) << "the other thread's call is none of the graph's";
}

TEST_P(CaptureTest, UserKernelsAreCaptured) {
  constexpr const char* kSource = R"(
#include <metal_stdlib>
using namespace metal;
kernel void scale(device const float* x [[buffer(0)]], device float* y [[buffer(1)]],
                  constant float& by [[buffer(2)]], uint i [[thread_position_in_grid]]) {
  y[i] = by * x[i];
}
)";
  if (GetParam() == BackendPreference::kCpu) {
    GTEST_SKIP() << "the CPU runs no MSL";
  }
  const Tensor x = backend_.to_device<float>({1, 2});
  Tensor y;
  const Graph graph = capture(backend_, [&] {
    y = run_msl(backend_,
                {kSource, "scale"},
                {x, MslOutput{DType::kF32, {2}}, 3.0f},
                {{2, 1, 1}, {2, 1, 1}})[0];
  });
  EXPECT_EQ(y.to_vector<float>(), (Floats{3, 6}));
  graph.set_input(x, Floats{10, 20});
  graph.replay();
  EXPECT_EQ(y.to_vector<float>(), (Floats{30, 60}));
}

INSTANTIATE_TEST_SUITE_P(Backends,
                         CaptureTest,
                         testing::Values(BackendPreference::kCpu, kGpu),
                         [](const auto& test) {
                           return test.param == BackendPreference::kCpu ? "cpu" : "gpu";
                         });

}  // namespace
}  // namespace ingot
