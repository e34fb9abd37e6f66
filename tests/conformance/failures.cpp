// What goes wrong on a device: it is reported by what depends on it, and the process goes on.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/msl_kernel.hpp"
#include "ingot/ops.hpp"

#include "runtime/stream.hpp"
#include "tests/conformance/backend_checks.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::conformance {
namespace {

constexpr int64_t kElements = 1 << 20;

// Thread 77 writes 16 TiB away.
constexpr const char* kStray = R"(
#include <metal_stdlib>
using namespace metal;

kernel void stray(device float* y [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  y[i == 77 ? 1ul << 42 : ulong(i)] = 1;
}
)";

void expect_sums(const Backend& backend) {
  const Tensor ones = backend.to_device(std::vector<float>(kElements, 1));
  EXPECT_EQ(add(ones, ones).to_vector<float>(), std::vector<float>(kElements, 2));
}

// The last test: on CUDA, a fault is the end for the whole process.
void faulting_kernel(const Backend& other) {
  const DeviceChoice device = parse_device(other.name());
  const Backend backend = init_backend(device);
  expect_sums(backend);
  const MslGrid grid{{kElements, 1, 1}, {256, 1, 1}};
  const Tensor y =
      run_msl(backend, {kStray, "stray"}, {MslOutput{DType::kF32, {kElements}}}, grid).front();
  const Tensor depends = add(y, y);
  refusal([&] { y.to_vector<float>(); }, ErrorCode::kDevice);
  refusal([&] { depends.to_vector<float>(); }, ErrorCode::kDevice);
  if (other.info().kind != BackendKind::kCuda) {
    expect_sums(other);
    expect_sums(init_backend(device));
    return;
  }
  refusal([&] { expect_sums(other); }, ErrorCode::kDevice);
  const std::string ended = refusal([&] { init_backend(device); }, ErrorCode::kDevice);
  EXPECT_NE(ended.find("start the process anew"), std::string::npos) << ended;
  const Backend cpu = init_backend();
  EXPECT_EQ(cpu.name(), "cpu");
  EXPECT_NE(cpu.notice(), "");
  expect_sums(cpu);
}

void memory_runs_out(const Backend& backend) {
  if (backend.info().unified_memory) {
    GTEST_SKIP() << "the host's memory is the operating system's to refuse";
  }
  Device& device = backend.stream()->device();
  const size_t block = std::min(device.info().max_buffer_bytes, device.info().memory_bytes / 4);
  const std::string refused = refusal(
      [&] {
        std::vector<Buffer> blocks;
        for (size_t taken = 0; taken <= 2 * device.info().memory_bytes; taken += block) {
          blocks.push_back(device.allocate(block));
        }
      },
      ErrorCode::kOutOfMemory);
  EXPECT_NE(refused.find("memory"), std::string::npos) << refused;
  expect_sums(backend);
}

constexpr BackendCheck kChecks[] = {
    {"Failures", "MemoryRunsOut", memory_runs_out},
    {"Failures", "FaultingKernel", faulting_kernel},
};

}  // namespace

std::span<const BackendCheck> failure_checks() {
  return kChecks;
}

}  // namespace ingot::conformance
