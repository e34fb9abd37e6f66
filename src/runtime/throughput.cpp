#include "runtime/throughput.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "runtime/context.hpp"
#include "runtime/measure.hpp"
#include "runtime/stream.hpp"

namespace ingot {
namespace {

const msl::Source kShader{"throughput.metal", R"(
#include <metal_stdlib>
using namespace metal;

template <typename T, typename T4>
void multiply_add(device T4* y, uint rounds, uint i) {
  const T4 factor = T(0.999f), term = T(0.001f);
  T4 a = T(i & 7u), b = a + T(1.0f), c = a + T(2.0f), d = a + T(3.0f);
  for (uint round = 0; round < rounds; ++round) {
    a = fma(a, factor, term);
    b = fma(b, factor, term);
    c = fma(c, factor, term);
    d = fma(d, factor, term);
  }
  y[i] = a + b + c + d;
}

kernel void multiply_add_f32(device float4* y [[buffer(0)]],
                             constant uint& rounds [[buffer(1)]],
                             uint i [[thread_position_in_grid]]) {
  multiply_add<float, float4>(y, rounds, i);
}

kernel void multiply_add_f16(device half4* y [[buffer(0)]],
                             constant uint& rounds [[buffer(1)]],
                             uint i [[thread_position_in_grid]]) {
  multiply_add<half, half4>(y, rounds, i);
}
)"};
constexpr uint32_t kRounds = 256;
constexpr double kOperationsOfRound = 4 * 4 * 2;
constexpr Effort kEffort{0.5, 5};

}  // namespace

size_t bandwidth_array_bytes(const DeviceInfo& device) {
  constexpr size_t kOfProcessors = size_t{256} << 20;
  constexpr size_t kOfGpus = size_t{2} << 30;  // of the caches' 60 MB and more nothing is left
  const bool is_gpu = device.kind == BackendKind::kCuda || device.kind == BackendKind::kMetal;
  // In whole vectors and whole threadgroups of a kernel.
  constexpr size_t kGranule = size_t{1} << 20;
  const size_t most = std::max(device.memory_bytes / 8 / kGranule, size_t{1}) * kGranule;
  return is_gpu ? std::min(kOfGpus, most) : kOfProcessors;
}

double gpu_multiply_adds(const Backend& backend, DType dtype) {
  Stream& stream = *backend.stream();
  const std::string function = "multiply_add_" + std::string(to_string(dtype));
  const auto time_of = [&](uint64_t threads) {
    const Buffer y = stream.device().allocate(threads * 4 * size_of(dtype));
    return time_on(backend, [&] {
      Dispatch dispatch(stream.encoder(), stream.pipeline(kShader, function, {}));
      const uint32_t group = dispatch.group_size(256);
      dispatch.bind(y).value(kRounds).threads({threads}, {group});
      stream.kernel_recorded();
    });
  };
  // Enough threads that starting them does not count, on a small or a large device.
  uint64_t threads = 1 << 12;
  time_of(threads);
  while (time_of(threads) < 5e-3 && threads < (1u << 26)) {
    threads *= 2;
  }
  return static_cast<double>(threads) * kRounds * kOperationsOfRound /
         repeat(kEffort, [&] { return time_of(threads); }).fastest;
}

double time_on(const Backend& backend, const std::function<void()>& enqueue, bool& device_time) {
  const auto begin = std::chrono::steady_clock::now();
  enqueue();
  const Event event = backend.stream()->flush();
  event.wait();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  device_time = backend.stream()->device().gpu() != nullptr && event.seconds() > 0;
  return device_time ? event.seconds() : wall.count();
}

double time_on(const Backend& backend, const std::function<void()>& enqueue) {
  bool device_time = false;
  return time_on(backend, enqueue, device_time);
}

}  // namespace ingot
