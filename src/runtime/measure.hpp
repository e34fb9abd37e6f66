// Measuring kernels.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/host_array.hpp"
#include "runtime/record.hpp"
#include "runtime/run.hpp"

namespace ingot {

/// Repeated timings of one piece of work, in seconds.
struct Timings {
  double median = 0;
  double fastest = 0;
  int repeats = 0;
};

/// How long to repeat: until both are reached.
struct Effort {
  double seconds = 0.3;
  int repeats = 3;
};

/// Calls `work`, which returns its own time in seconds, as often as `effort` says.
Timings repeat(Effort effort, const std::function<double()>& work);

/// An array of pseudo-random numbers, always the same for the same seed: standard normal for
/// floating-point dtypes, zeros and ones for u8 and bool, the whole range for other integers.
HostArray random_array(DType dtype, const Shape& shape, uint64_t seed);

/// The beginning of random_array(), 2^20 elements, over and over: made as fast as memory is
/// written.
HostArray repeated_random_array(DType dtype, const Shape& shape, uint64_t seed);

/// Makes an input of a measurement.
using MakeInput = std::function<HostArray(DType, const Shape&, uint64_t seed)>;

/// What a kernel's own sample call takes on a device.
struct Measurement {
  Timings time;
  bool device_time = false;  // the device's own clock, else wall time of the call
  Cost cost;
  std::vector<Sample::Input> inputs;
  std::vector<NamedValue> params;
  std::string served_by;  // as KernelRecord::served_by

  double bytes_per_second() const { return cost.bytes() / time.median; }
  double flops_per_second() const { return cost.flops / time.median; }
};

/// Runs record.sample(elements), once to warm up (caches, compiled shaders, the memory pool) and
/// then repeatedly, as `effort` says. Making the inputs is not timed. Throws Error as run() does.
Measurement measure_kernel(const Backend& backend,
                           const KernelRecord& record,
                           int64_t elements,
                           Effort effort,
                           const MakeInput& make_input = random_array);

}  // namespace ingot
