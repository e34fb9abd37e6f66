#include "runtime/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numbers>

#include "core/parallel.hpp"
#include "runtime/context.hpp"
#include "runtime/stream.hpp"

namespace ingot {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double wall_time(const std::function<void()>& work) {
  const double begin = now();
  work();
  return now() - begin;
}

// Time of what `enqueue` puts on the stream: the device's own where it keeps one.
double stream_time(Stream& stream, const std::function<void()>& enqueue, bool& device_time) {
  Event event;
  const double wall = wall_time([&] {
    enqueue();
    event = stream.flush();
    event.wait();
  });
  device_time = stream.device().gpu() != nullptr && event.seconds() > 0;
  return device_time ? event.seconds() : wall;
}

// A bijection of 64-bit numbers that looks random (Steele, Lea, Flood: SplitMix64, OOPSLA 2014).
uint64_t scramble(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Box and Muller's transform of two 32-bit uniform numbers.
float normal(uint64_t bits) {
  const float u = (static_cast<float>(bits >> 40) + 0.5f) * 0x1p-24f;
  const float v = static_cast<float>(bits & 0xffffffu) * 0x1p-24f;
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi_v<float> * v);
}

const msl::Source kCopyShader{"copy.metal", R"(
#include <metal_stdlib>
using namespace metal;
kernel void copy(device const float4* x [[buffer(0)]],
                 device float4* y [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  y[i] = x[i];
}
)"};

void copy_on_gpu(Stream& stream, const Buffer& x, const Buffer& y, uint64_t bytes) {
  Dispatch dispatch(stream.encoder({}), stream.pipeline(kCopyShader, "copy", {}));
  const uint32_t group = dispatch.group_size(256);
  dispatch.bind(x).bind(y).threads({bytes / 16}, {group});
  stream.kernel_recorded();
}

void copy_on_cpu(const std::byte* x, std::byte* y, int64_t bytes) {
  parallel_pieces(bytes, worker_count(), [&](int, int64_t begin, int64_t end) {
    std::memcpy(y + begin, x + begin, static_cast<size_t>(end - begin));
  });
}

}  // namespace

Timings repeat(Effort effort, const std::function<double()>& work) {
  const auto least = static_cast<size_t>(std::max(1, effort.repeats));
  std::vector<double> times;
  for (const double begin = now(); times.size() < least || now() - begin < effort.seconds;) {
    times.push_back(work());
  }
  std::sort(times.begin(), times.end());
  const size_t middle = times.size() / 2;
  const double median =
      times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return {median, times.front(), static_cast<int>(times.size())};
}

CopyBandwidth measure_copy(const Backend& backend) {
  Stream& stream = *backend.stream();
  const auto lock = stream.lock();
  // A software GPU needs no large arrays to be slow.
  const size_t bytes =
      backend.info().kind == BackendKind::kSoftMetal ? size_t{1} << 20 : size_t{256} << 20;
  const Buffer x = stream.device().allocate(bytes);
  const Buffer y = stream.device().allocate(bytes);
  const bool gpu = stream.device().gpu() != nullptr;
  if (x.host() != nullptr) {
    std::memset(x.host(), 1, bytes);
  }
  const auto once = [&] {
    bool device_time = false;
    return stream_time(
        stream,
        [&] {
          gpu ? copy_on_gpu(stream, x, y, bytes)
              : copy_on_cpu(x.host(), y.host(), static_cast<int64_t>(bytes));
        },
        device_time);
  };
  once();
  const Timings times = repeat({0.5, 5}, once);
  return {2 * static_cast<double>(bytes) / times.fastest, bytes, times.repeats};
}

HostArray random_array(DType dtype, const Shape& shape, uint64_t seed) {
  const HostArray array(dtype, shape);
  visit(dtype, [&]<class T>() {
    T* values = array.as<T>().data();
    parallel_for(array.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const uint64_t bits = scramble(scramble(seed) + static_cast<uint64_t>(i));
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, uint8_t>) {
          values[i] = static_cast<T>(bits & 1);
        } else if constexpr (std::is_integral_v<T>) {
          values[i] = static_cast<T>(bits);
        } else {
          values[i] = static_cast<T>(normal(bits));
        }
      }
    });
  });
  return array;
}

Measurement measure_kernel(const Backend& backend,
                           const KernelRecord& record,
                           int64_t elements,
                           Effort effort) {
  Sample sample = record.sample(elements);
  std::vector<NamedTensor> inputs;
  for (const Sample::Input& input : sample.inputs) {
    const HostArray array = random_array(input.dtype, input.shape, inputs.size());
    inputs.push_back(
        {input.name, backend.import_host(array.data(), input.dtype, input.shape, array.owner())});
  }
  Measurement result;
  result.cost = record.cost(Call(record, inputs, sample.params));
  const auto once = [&] {
    return stream_time(
        *backend.stream(),
        [&] { run(backend, record, inputs, sample.params); },
        result.device_time);
  };
  once();
  result.time = repeat(effort, once);
  result.inputs = std::move(sample.inputs);
  result.params = std::move(sample.params);
  return result;
}

}  // namespace ingot
