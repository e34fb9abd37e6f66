#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/rates.cpp"
#include "runtime/rates.hpp"

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void triad(float* a, const float* b, const float* c, int64_t count) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto factor = hn::Set(d, 3.0f);
  for (int64_t i = 0; i + lanes <= count; i += lanes) {
    hn::Stream(hn::MulAdd(factor, hn::Load(d, c + i), hn::Load(d, b + i)), d, a + i);
  }
}

// `count` f16 values, aligned, a multiple of any vector's lanes.
void f16_multiply_add(hwy::float16_t* values, int64_t count) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<hwy::float16_t, decltype(d)> half;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto factor = hn::Set(d, 0.999f);
  const auto term = hn::Set(d, 0.001f);
  for (int64_t i = 0; i < count; i += lanes) {
    const auto x = hn::PromoteTo(d, hn::Load(half, values + i));
    hn::Store(hn::DemoteTo(half, hn::MulAdd(x, factor, term)), half, values + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cstring>

#include "core/parallel.hpp"
#include "runtime/context.hpp"
#include "runtime/measure.hpp"
#include "runtime/stream.hpp"
#include "runtime/throughput.hpp"

namespace ingot {
HWY_EXPORT(triad);
HWY_EXPORT(f16_multiply_add);

namespace {

constexpr Effort kEffort{0.4, 5};

const msl::Source kShader{"rates.metal", R"(
#include <metal_stdlib>
using namespace metal;

kernel void triad(device float4* a [[buffer(0)]],
                  device const float4* b [[buffer(1)]],
                  device const float4* c [[buffer(2)]],
                  uint i [[thread_position_in_grid]]) {
  a[i] = b[i] + 3.0f * c[i];
}
)"};

void triad_on_gpu(Stream& stream, const Buffer& a, const Buffer& b, const Buffer& c) {
  Dispatch dispatch(stream.encoder(), stream.pipeline(kShader, "triad", {}));
  const uint32_t group = dispatch.group_size(256);
  dispatch.bind(a).bind(b).bind(c).threads({a.bytes() / 16}, {group});
  stream.kernel_recorded();
}

void triad_on_cpu(const Buffer& a, const Buffer& b, const Buffer& c) {
  const auto floats = [](const Buffer& buffer) { return reinterpret_cast<float*>(buffer.host()); };
  // Pieces of whole cache lines keep every vector aligned.
  constexpr int64_t kLine = 64 / sizeof(float);
  const auto lines = static_cast<int64_t>(a.bytes() / 64);
  parallel_pieces(lines, worker_count(), [&](int, int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(triad)
    (floats(a) + begin * kLine,
     floats(b) + begin * kLine,
     floats(c) + begin * kLine,
     (end - begin) * kLine);
  });
}

double measure_triad(const Backend& backend) {
  Stream& stream = *backend.stream();
  const size_t bytes = bandwidth_array_bytes(backend.info());
  Buffer arrays[3];
  for (Buffer& array : arrays) {
    array = stream.device().allocate(bytes);
    if (array.host() != nullptr) {
      std::memset(array.host(), 0, array.bytes());
    }
  }
  const auto once = [&] {
    return time_on(backend, [&] {
      stream.device().gpu() != nullptr ? triad_on_gpu(stream, arrays[0], arrays[1], arrays[2])
                                       : triad_on_cpu(arrays[0], arrays[1], arrays[2]);
    });
  };
  once();
  return 3 * static_cast<double>(arrays[0].bytes()) / repeat(kEffort, once).fastest;
}

double f16_on_cpu(const Backend& backend) {
  constexpr int64_t kValues = 4096;  // 8 KiB for each core
  constexpr int kRounds = 2000;
  const int workers = worker_count();
  const Buffer values =
      backend.stream()->device().allocate(static_cast<size_t>(workers) * kValues * 2);
  std::memset(values.host(), 0, values.bytes());
  const auto once = [&] {
    return time_on(backend, [&] {
      parallel_pieces(workers, workers, [&](int, int64_t begin, int64_t end) {
        auto* own = reinterpret_cast<hwy::float16_t*>(values.host()) + begin * kValues;
        for (int round = 0; round < kRounds; ++round) {
          HWY_DYNAMIC_DISPATCH(f16_multiply_add)(own, (end - begin) * kValues);
        }
      });
    });
  };
  once();
  return 2.0 * workers * kValues * kRounds / repeat(kEffort, once).fastest;
}

}  // namespace

Rates measure_rates(const Backend& backend) {
  const auto lock = backend.stream()->lock();
  const bool gpu = backend.stream()->device().gpu() != nullptr;
  return {
      .triad_bytes_per_second = measure_triad(backend),
      .f16_flops_per_second = gpu ? gpu_multiply_adds(backend, DType::kF16) : f16_on_cpu(backend)};
}

}  // namespace ingot
#endif
