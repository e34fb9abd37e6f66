// The runtime on a GPU: batching, failures, user kernels. Runs on the Metal backend, which is
// softmetal on Linux.
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/msl_kernel.hpp"
#include "ingot/ops.hpp"
#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "runtime/stream.hpp"
#include "tests/unit/gpu_preference.hpp"

namespace ingot {
namespace {

constexpr const char* kDouble = R"(
#include <metal_stdlib>
using namespace metal;
kernel void twice(device const float* x [[buffer(0)]],
                  device float* y [[buffer(1)]],
                  uint i [[thread_position_in_grid]]) {
  y[i] = 2 * x[i];
}
)";

// Half of the threads return before the barrier that the others wait at.
constexpr const char* kBroken = R"(
#include <metal_stdlib>
using namespace metal;
kernel void broken(device const float* x [[buffer(0)]],
                   device float* y [[buffer(1)]],
                   uint i [[thread_position_in_grid]]) {
  if (i >= 32) {
    return;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = x[i];
}
)";

class GpuTest : public testing::Test {
 protected:
  Tensor twice(const Tensor& x) {
    const auto n = static_cast<uint64_t>(x.elements());
    return run_msl(backend_,
                   {kDouble, "twice"},
                   {x, MslOutput{DType::kF32, x.shape()}},
                   {{n, 1, 1}, {32, 1, 1}})[0];
  }

  void expect_error(ErrorCode code, const std::string& words, const std::function<void()>& action) {
    try {
      action();
      FAIL() << "no error; expected: " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }

  Backend backend_ = init_backend(kGpu);
};

TEST_F(GpuTest, ChainsSeeEarlierResults) {
  Tensor x = backend_.to_device<float>({1, 2, 3});
  for (int i = 0; i < 200; ++i) {  // more than one batch
    x = i % 2 == 0 ? twice(x) : twice(x).reshape({3});
    if (i % 20 == 19) {
      x = backend_.to_device<float>({1, 2, 3});
    }
  }
  EXPECT_EQ(twice(twice(x)).to_vector<float>(), (std::vector<float>{4, 8, 12}));
}

TEST_F(GpuTest, UserKernelWithValuesThreadgroupMemoryAndReadWriteBuffer) {
  constexpr const char* kSource = R"(
#include <metal_stdlib>
using namespace metal;
kernel void accumulate(device const float* x [[buffer(0)]],
                       device float* y [[buffer(1)]],
                       constant float& factor [[buffer(2)]],
                       constant int& shift [[buffer(3)]],
                       threadgroup float* tile [[threadgroup(0)]],
                       uint i [[thread_position_in_grid]],
                       uint t [[thread_position_in_threadgroup]]) {
  tile[t] = x[i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] += factor * tile[31 - t] + shift;
}
)";
  std::vector<float> values(64);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  const Tensor x = backend_.to_device(values);
  const auto outputs = run_msl(backend_,
                               {kSource, "accumulate"},
                               {x, MslOutput{DType::kF32, {64}, x}, 0.5f, int32_t{-3}},
                               {{64, 1, 1}, {32, 1, 1}, {32 * sizeof(float)}});
  const std::vector<float> y = outputs[0].to_vector<float>();
  for (size_t i = 0; i < y.size(); ++i) {
    const float mirrored = static_cast<float>(i / 32 * 32 + 31 - i % 32);
    EXPECT_EQ(y[i], static_cast<float>(i) + 0.5f * mirrored - 3) << i;
  }
  EXPECT_EQ(x.to_vector<float>(), values) << "the initial value of an output is copied";
}

TEST_F(GpuTest, AFailureReachesEveryDependentResultAndNothingElse) {
  const Tensor x = backend_.to_device(std::vector<float>(64));
  const auto broken = [&] {
    return run_msl(backend_,
                   {kBroken, "broken"},
                   {x, MslOutput{DType::kF32, {64}}},
                   {{64, 1, 1}, {64, 1, 1}})[0];
  };
  const Tensor failed = broken();
  backend_.stream()->flush();
  const Tensor dependent = twice(failed);
  expect_error(ErrorCode::kDevice, "broken", [&] { failed.to_vector<float>(); });
  expect_error(ErrorCode::kDevice, "broken", [&] { failed.to_vector<float>(); });
  expect_error(ErrorCode::kDevice, "broken", [&] { dependent.to_vector<float>(); });
  expect_error(ErrorCode::kDevice, "broken", [&] { twice(failed).to_vector<float>(); });
  EXPECT_EQ(twice(backend_.to_device<float>({21})).item<float>(), 42.0f);
  expect_error(ErrorCode::kDevice, "broken", [&] { backend_.synchronize(); });
  backend_.synchronize();  // reported once
}

TEST_F(GpuTest, ShaderErrorsNameThePlace) {
  const auto launch = [&](const char* source, const char* function) {
    run_msl(backend_,
            {source, function, "mine.metal"},
            {MslOutput{DType::kF32, {1}}},
            {{1, 1, 1}, {1, 1, 1}});
  };
  expect_error(ErrorCode::kCompile, "mine.metal:4:", [&] {
    launch(
        "#include <metal_stdlib>\nusing namespace metal;\nkernel void f(device float* y "
        "[[buffer(0)]]) {\n  y[0] = nonsense;\n}\n",
        "f");
  });
  expect_error(ErrorCode::kNotFound, "no such kernel", [&] {
    launch("#include <metal_stdlib>\nkernel void f(device float* y [[buffer(0)]]) { y[0] = 1; }\n",
           "g");
  });
  expect_error(ErrorCode::kCompile, "missing.h", [&] { launch("#include \"missing.h\"\n", "f"); });
}

TEST_F(GpuTest, LaunchesAreValidated) {
  const Tensor x = backend_.to_device<float>({1});
  expect_error(ErrorCode::kInvalidArgument, "2048 threads", [&] {
    run_msl(
        backend_, {kDouble, "twice"}, {x, MslOutput{DType::kF32, {1}}}, {{1, 1, 1}, {2048, 1, 1}});
  });
  const Tensor elsewhere = init_backend(BackendPreference::kCpu).to_device<float>({1});
  expect_error(ErrorCode::kInvalidArgument, "another backend", [&] { twice(elsewhere); });
  expect_error(ErrorCode::kUnsupported, "cpu backend", [&] {
    run_msl(elsewhere.backend(), {kDouble, "twice"}, {elsewhere}, {{1, 1, 1}, {1, 1, 1}});
  });
}

TEST_F(GpuTest, HostMemoryIsUsedInPlace) {
  const HostArray array = HostArray::of<float>({1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor x = backend_.import_host(array.data() + 16, DType::kF32, {4}, array.owner());
  EXPECT_EQ(x.host(), array.data() + 16);
  EXPECT_EQ(twice(x).to_vector<float>(), (std::vector<float>{10, 12, 14, 16}));
  const Tensor odd = backend_.import_host(array.data() + 4, DType::kF32, {4}, array.owner());
  EXPECT_NE(odd.host(), array.data() + 4) << "unaligned memory is copied";
  EXPECT_EQ(twice(odd).to_vector<float>(), (std::vector<float>{4, 6, 8, 10}));
}

TEST_F(GpuTest, ATensorOfTheGpuIsCopiedToTheCpuAndBack) {
  const Backend cpu = init_backend(BackendPreference::kCpu);
  const Tensor there = cpu.copy(twice(backend_.to_device<float>({1, 2, 3})));
  EXPECT_EQ(there.to_vector<float>(), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(twice(backend_.copy(there)).to_vector<float>(), (std::vector<float>{4, 8, 12}));
}

TEST_F(GpuTest, ManyThreadsShareABackend) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 20; ++i) {
        const auto value = static_cast<float>(t * 100 + i);
        EXPECT_EQ(twice(twice(backend_.to_device<float>({value}))).item<float>(), 4 * value);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_F(GpuTest, MemoryReturnsToThePoolOnceTheWorkIsDone) {
  const Tensor x = backend_.to_device(std::vector<float>(1000));
  for (int i = 0; i < 100; ++i) {
    twice(x);
  }
  backend_.synchronize();
  EXPECT_EQ(backend_.memory_use().in_use, 4096u);
}

}  // namespace
}  // namespace ingot
