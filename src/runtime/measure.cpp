#include "runtime/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numbers>

#include "core/parallel.hpp"
#include "runtime/throughput.hpp"

namespace ingot {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
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

HostArray repeated_random_array(DType dtype, const Shape& shape, uint64_t seed) {
  constexpr int64_t kPeriod = 1 << 20;
  if (shape.elements() <= kPeriod) {
    return random_array(dtype, shape, seed);
  }
  const HostArray period = random_array(dtype, {kPeriod}, seed);
  const HostArray array(dtype, shape);
  const auto* from = static_cast<const std::byte*>(period.data());
  auto* to = static_cast<std::byte*>(array.data());
  const size_t size = size_of(dtype);
  parallel_for(array.elements(), kPeriod, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t phase = begin % kPeriod;
      const int64_t count = std::min(kPeriod - phase, end - begin);
      std::memcpy(to + static_cast<size_t>(begin) * size,
                  from + static_cast<size_t>(phase) * size,
                  static_cast<size_t>(count) * size);
      begin += count;
    }
  });
  return array;
}

Measurement measure_kernel(const Backend& backend,
                           const KernelRecord& record,
                           int64_t elements,
                           Effort effort,
                           const MakeInput& make_input) {
  Sample sample = record.sample(elements);
  std::vector<NamedTensor> inputs;
  for (const Sample::Input& input : sample.inputs) {
    const HostArray array = make_input(input.dtype, input.shape, inputs.size());
    inputs.push_back(
        {input.name, backend.import_host(array.data(), input.dtype, input.shape, array.owner())});
  }
  Measurement result;
  result.cost = record.cost(Call(record, inputs, sample.params));
  const auto once = [&] {
    return time_on(
        backend,
        [&] { result.served_by = run(backend, record, inputs, sample.params).served_by(); },
        result.device_time);
  };
  once();
  result.time = repeat(effort, once);
  result.inputs = std::move(sample.inputs);
  result.params = std::move(sample.params);
  return result;
}

}  // namespace ingot
