// The CUDA backend in this process, on tests/cuda/fake_driver.cpp, which runs nothing: what is
// launched, kept and reported, not what it computes.
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/capture.hpp"
#include "ingot/msl_kernel.hpp"
#include "ingot/ops.hpp"

#include "tests/cuda/fake_cuda.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot {
namespace {

class CudaDeviceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { use_fake_cuda(); }

  void TearDown() override {
    unsetenv("FAKE_CUDA");
    call<void>("fake_cuda_restart");
  }

  template <class T>
  static T call(const char* function) {
    return reinterpret_cast<T (*)()>(dlsym(dlopen(INGOT_FAKE_CUDA, RTLD_NOW), function))();
  }
  static size_t launches() { return call<size_t>("fake_cuda_launches"); }
  static size_t peer_copies() { return call<size_t>("fake_cuda_peer_copies"); }
  /// How many kernels `work` runs.
  static size_t launches_of(const std::function<void()>& work) {
    const size_t before = launches();
    work();
    return launches() - before;
  }

  static void expect_error(ErrorCode code,
                           const std::string& words,
                           const std::function<void()>& action) {
    const std::string said = refusal(action, code);
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }

  /// The process goes on, on the CPU, and says why.
  static void expect_cpu_because(const std::string& words) {
    const Backend cpu = init_backend();
    EXPECT_EQ(cpu.name(), "cpu");
    EXPECT_NE(cpu.notice().find(words), std::string::npos) << cpu.notice();
    EXPECT_EQ(add(cpu.to_device<float>({1}), cpu.to_device<float>({2})).item<float>(), 3);
  }
};

TEST_F(CudaDeviceTest, AGraphLaunchesWhatWasCaptured) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1000, 1));
  Tensor y;
  std::optional<Graph> graph;
  EXPECT_EQ(launches_of([&] {
              graph = capture(backend, [&] {
                y = x;
                for (int i = 0; i < 100; ++i) {
                  y = add(y, x);
                }
              });
            }),
            100u)
      << "the first run is no replay";
  EXPECT_EQ(launches_of([&] { graph->replay(); }), 100u);
  EXPECT_EQ(launches_of([&] { add(y, x); }), 1u) << "launches after a capture are launched";
  y.to_vector<float>();
}

TEST_F(CudaDeviceTest, AGraphKeepsTheScratchOfItsKernels) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1 << 20, 1));
  Tensor sum = reduce_sum(x);  // in two passes, with a partial sum of each threadgroup between
  backend.synchronize();
  const size_t before = backend.memory_use().in_use;
  {
    const Graph graph = capture(backend, [&] { sum = reduce_sum(x); });
    backend.synchronize();
    EXPECT_GT(backend.memory_use().in_use, before) << "not free for anybody else";
    graph.replay();
  }
  sum = {};
  backend.synchronize();
  EXPECT_LT(backend.memory_use().in_use, before);
}

TEST_F(CudaDeviceTest, KernelsOfAGraphShareScratch) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1 << 20, 1));
  const auto memory_of = [&](int calls) {
    const size_t before = backend.memory_use().in_use;
    const Graph graph = capture(backend, [&] {
      for (int i = 0; i < calls; ++i) {
        reduce_sum(x);
      }
    });
    backend.synchronize();
    return backend.memory_use().in_use - before;
  };
  const size_t result = 256;  // bytes of the smallest block
  EXPECT_EQ(memory_of(100), memory_of(2) + 98 * result);
}

// The argument is bytes for Metal's set_bytes, and an address for the kernel.
TEST_F(CudaDeviceTest, BytesThatAKernelTakesByAddressAreKeptWithTheGraph) {
  constexpr const char* kSource = R"(
#include <metal_stdlib>
using namespace metal;
kernel void scale(device float* y [[buffer(0)]], constant float* by [[buffer(1)]],
                  uint i [[thread_position_in_grid]]) {
  y[i] = by[0];
}
)";
  const Backend backend = init_backend(BackendPreference::kCuda);
  Tensor y;
  const Graph graph = capture(backend, [&] {
    y = run_msl(backend,
                {kSource, "scale"},
                {MslOutput{DType::kF32, {2}}, 3.0f},
                {{2, 1, 1}, {2, 1, 1}})[0];
  });
  EXPECT_EQ(launches_of([&] { graph.replay(); }), 1u);
  EXPECT_EQ(backend.memory_use().in_use, 512u) << "the output and the bytes";
}

TEST_F(CudaDeviceTest, ACaptureThatFailsLeavesTheBackendUsable) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1000, 1));
  Tensor y;
  setenv("FAKE_CUDA", "graphs=none", 1);
  expect_error(
      ErrorCode::kOutOfMemory, "making a graph", [&] { capture(backend, [&] { y = add(x, x); }); });
  unsetenv("FAKE_CUDA");
  y.to_vector<float>();  // of the first run, which succeeded
  EXPECT_EQ(launches_of([&] { capture(backend, [&] { y = add(x, x); }).replay(); }), 2u);
}

TEST_F(CudaDeviceTest, AFaultInAReplayReachesTheResults) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1000, 1));
  Tensor y;
  const Graph graph = capture(backend, [&] { y = add(x, x); });
  y.to_vector<float>();
  setenv("FAKE_CUDA", ("fault=" + std::to_string(launches() + 1)).c_str(), 1);
  graph.replay();
  expect_error(ErrorCode::kDevice, "the device was lost", [&] { y.to_vector<float>(); });
  graph.replay();
  expect_error(ErrorCode::kDevice, "the device was lost", [&] { y.to_vector<float>(); });
  expect_error(
      ErrorCode::kDevice, "the device was lost", [&] { capture(backend, [&] { add(x, x); }); });
}

TEST_F(CudaDeviceTest, AFaultEndsCudaForTheProcess) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Backend other = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1000, 1));
  const Tensor there = other.to_device(std::vector<float>(1000, 1));
  setenv("FAKE_CUDA", ("fault=" + std::to_string(launches() + 1)).c_str(), 1);
  const Tensor y = add(x, x);
  expect_error(ErrorCode::kDevice, "start the process anew", [&] { y.to_vector<float>(); });
  expect_error(ErrorCode::kDevice, "start the process anew", [&] { there.to_vector<float>(); });
  expect_error(
      ErrorCode::kDevice, "start the process anew", [] { init_backend(BackendPreference::kCuda); });
  expect_cpu_because("start the process anew");
}

TEST_F(CudaDeviceTest, EachOfSeveralDevicesHasItsOrdinal) {
  const Backend second = init_backend({BackendPreference::kCuda, 1});
  EXPECT_EQ(second.name(), "cuda:1");
  EXPECT_EQ(second.device_name(), "Other fake GPU");
  EXPECT_EQ(init_backend(BackendPreference::kCuda).name(), "cuda");
  expect_error(ErrorCode::kNotFound, "cuda:2: there is no such device; the driver shows 2", [] {
    init_backend(parse_device("cuda:2"));
  });
  std::vector<std::string> found;
  for (const DeviceReport& report : list_devices()) {
    if (report.kind == BackendKind::kCuda) {
      EXPECT_TRUE(report.available) << report.reason;
      found.push_back(report.device);
    }
  }
  EXPECT_EQ(found, (std::vector<std::string>{"cuda:0", "cuda:1"}));
}

TEST_F(CudaDeviceTest, ATensorIsCopiedToTheOtherDevice) {
  const Backend first = init_backend(BackendPreference::kCuda);
  const Backend second = init_backend({BackendPreference::kCuda, 1});
  std::vector<float> values(1 << 20);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  const Tensor x = first.to_device(values, {1024, 1024});
  for (int i = 0; i < 2; ++i) {  // peer access can be enabled once only
    const size_t before = peer_copies();
    const Tensor y = second.copy(x.rows(1, 1024));
    EXPECT_EQ(peer_copies(), before + 1);
    EXPECT_EQ(y.backend().name(), "cuda:1");
    EXPECT_EQ(y.to_vector<float>(), std::vector<float>(values.begin() + 1024, values.end()));
  }
  expect_error(
      ErrorCode::kInvalidArgument, "copy it with Backend::copy", [&] { add(x, second.copy(x)); });
}

TEST_F(CudaDeviceTest, DevicesThatCannotReachEachOtherCopyByWayOfTheHost) {
  setenv("FAKE_CUDA", "peers=none", 1);
  const Backend first = init_backend(BackendPreference::kCuda);
  const Backend second = init_backend({BackendPreference::kCuda, 1});
  std::vector<float> values((size_t{64} << 20) / 4 + 5);  // more than one piece
  values[0] = 1;
  values.back() = 2;
  const size_t before = peer_copies();
  EXPECT_EQ(second.copy(first.to_device(values)).to_vector<float>(), values);
  EXPECT_EQ(peer_copies(), before);
  const Backend cpu = init_backend(BackendPreference::kCpu);
  EXPECT_EQ(cpu.copy(first.to_device(values)).to_vector<float>(), values);
  EXPECT_EQ(first.copy(cpu.to_device(values)).to_vector<float>(), values);
}

TEST_F(CudaDeviceTest, WhenTheDeviceIsGoneTheProcessLives) {
  const Backend backend = init_backend(BackendPreference::kCuda);
  const Tensor x = backend.to_device(std::vector<float>(1000, 1));
  setenv("FAKE_CUDA", ("gone=" + std::to_string(launches() + 1)).c_str(), 1);
  const Tensor y = add(x, x);
  for (int i = 0; i < 2; ++i) {
    expect_error(ErrorCode::kDevice, "the device was lost", [&] { y.to_vector<float>(); });
  }
  expect_error(
      ErrorCode::kDevice, "CUDA_ERROR_UNKNOWN", [] { init_backend(BackendPreference::kCuda); });
  expect_cpu_because("cuda is not used");
}

}  // namespace
}  // namespace ingot
