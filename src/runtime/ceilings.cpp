#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/ceilings.cpp"
#include "runtime/ceilings.hpp"

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Chains of dependent multiply-adds; enough of them to hide the latency of four cycles on two
// ports, few enough for 16 registers.
constexpr int kChains = 12;

// Returns a number that depends on all of them, so that none is left out.
float multiply_add(int64_t rounds) {
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 0.999f);
  const auto term = hn::Set(d, 0.001f);
  hn::VFromD<decltype(d)> x0 = hn::Set(d, 0.0f), x1 = hn::Set(d, 0.1f), x2 = hn::Set(d, 0.2f),
                          x3 = hn::Set(d, 0.3f), x4 = hn::Set(d, 0.4f), x5 = hn::Set(d, 0.5f),
                          x6 = hn::Set(d, 0.6f), x7 = hn::Set(d, 0.7f), x8 = hn::Set(d, 0.8f),
                          x9 = hn::Set(d, 0.9f), x10 = hn::Set(d, 1.2f), x11 = hn::Set(d, 1.1f);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto* x : {&x0, &x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11}) {
      *x = hn::MulAdd(*x, factor, term);
    }
  }
  auto sum = hn::Zero(d);
  for (const auto* x : {&x0, &x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11}) {
    sum = hn::Add(sum, *x);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

int64_t flops_of_round() {
  return 2 * kChains * static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/parallel.hpp"
#include "runtime/context.hpp"
#include "runtime/measure.hpp"
#include "runtime/stream.hpp"
#include "runtime/throughput.hpp"

namespace ingot {
HWY_EXPORT(multiply_add);
HWY_EXPORT(flops_of_round);

namespace {

constexpr Effort kEffort{0.5, 5};

const msl::Source kShader{"ceilings.metal", R"(
#include <metal_stdlib>
using namespace metal;

kernel void copy(device const float4* x [[buffer(0)]],
                 device float4* y [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  y[i] = x[i];
}
)"};

void copy_on_gpu(Stream& stream, const Buffer& x, const Buffer& y) {
  Dispatch dispatch(stream.encoder(), stream.pipeline(kShader, "copy", {}));
  const uint32_t group = dispatch.group_size(256);
  dispatch.bind(x).bind(y).threads({x.bytes() / 16}, {group});
  stream.kernel_recorded();
}

void copy_on_cpu(const Buffer& x, const Buffer& y) {
  parallel_pieces(
      static_cast<int64_t>(x.bytes()), worker_count(), [&](int, int64_t begin, int64_t end) {
        std::memcpy(y.host() + begin, x.host() + begin, static_cast<size_t>(end - begin));
      });
}

void measure_copy(const Backend& backend, Ceilings& ceilings) {
  Stream& stream = *backend.stream();
  const size_t bytes = bandwidth_array_bytes(backend.info());
  const Buffer x = stream.device().allocate(bytes);
  const Buffer y = stream.device().allocate(bytes);
  if (x.host() != nullptr) {
    std::memset(x.host(), 1, x.bytes());  // pages that were never written share one page of zeros
  }
  const auto once = [&] {
    return time_on(backend, [&] {
      stream.device().gpu() != nullptr ? copy_on_gpu(stream, x, y) : copy_on_cpu(x, y);
    });
  };
  once();
  const Timings time = repeat(kEffort, once);
  const auto moved = 2 * static_cast<double>(x.bytes());
  ceilings.copy_array_bytes = x.bytes();
  ceilings.copy_bytes_per_second = moved / time.fastest;
  ceilings.copy_median_bytes_per_second = moved / time.median;
}

double multiply_add_on_cpu(const Backend& backend) {
  constexpr int64_t kRounds = 1 << 20;
  std::atomic<float> kept = 0;
  const int workers = worker_count();
  const auto once = [&] {
    return time_on(backend, [&] {
      parallel_pieces(workers, workers, [&](int, int64_t, int64_t) {
        kept = HWY_DYNAMIC_DISPATCH(multiply_add)(kRounds);
      });
    });
  };
  once();
  const auto flops =
      static_cast<double>(workers * kRounds * HWY_DYNAMIC_DISPATCH(flops_of_round)());
  return flops / repeat(kEffort, once).fastest;
}

}  // namespace

double Ceilings::least_seconds(const Cost& cost) const {
  return std::max(cost.bytes() / copy_bytes_per_second, cost.flops / flops_per_second);
}

bool Ceilings::memory_bound(const Cost& cost) const {
  return cost.bytes() / copy_bytes_per_second >= cost.flops / flops_per_second;
}

Ceilings measure_ceilings(const Backend& backend) {
  const auto lock = backend.stream()->lock();
  Ceilings ceilings;
  measure_copy(backend, ceilings);
  ceilings.flops_per_second = backend.stream()->device().gpu() != nullptr
                                  ? gpu_multiply_adds(backend, DType::kF32)
                                  : multiply_add_on_cpu(backend);
  return ceilings;
}

}  // namespace ingot
#endif
