#include "planner/calibrate.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "catalogue/catalogue.hpp"
#include "runtime/ceilings.hpp"
#include "runtime/measure.hpp"
#include "runtime/rates.hpp"

namespace ingot::planner {
namespace {

// 256 MiB of f32: beyond every cache.
constexpr int64_t kElements = int64_t{64} << 20;
// What a kernel's larger call is predicted from, and the most that such a call may take.
constexpr int64_t kTrialElements = int64_t{1} << 20;
constexpr double kMostSeconds = 0.5;
constexpr int kRounds = 3;
constexpr Effort kTrial{0, 1};
constexpr Effort kEffort{0.06, 3};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The catalogue, one kernel of each domain after the other.
std::vector<const KernelRecord*> in_turns() {
  std::map<std::string_view, int> taken;
  std::vector<std::pair<int, const KernelRecord*>> order;
  for (const KernelRecord* record : catalogue()) {
    order.emplace_back(taken[record->domain]++, record);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second->id) < std::pair(b.first, b.second->id);
  });
  std::vector<const KernelRecord*> records;
  for (const auto& [turn, record] : order) {
    records.push_back(record);
  }
  return records;
}

double launch_seconds(const Backend& backend) {
  std::vector<double> times;
  for (const KernelRecord* record : catalogue()) {
    try {
      times.push_back(measure_kernel(backend, *record, 1, {0, 20}).time.median);
    } catch (const Error&) {
      // A kernel that cannot do one element says nothing of the cost of a call.
    }
  }
  if (times.empty()) {
    throw Error(ErrorCode::kDevice, "calibration", "the device runs no kernel of the catalogue");
  }
  const auto middle = times.begin() + static_cast<ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

double efficiency(const Backend& backend, const KernelRecord& record, const Ceilings& ceilings) {
  const double trial =
      measure_kernel(backend, record, kTrialElements, kTrial, repeated_random_array).time.median;
  int64_t elements = kTrialElements;
  for (double predicted = trial; elements < kElements && predicted * 2 < kMostSeconds;
       predicted *= 2) {
    elements *= 2;
  }
  const Measurement measured =
      measure_kernel(backend, record, elements, kEffort, repeated_random_array);
  return ceilings.least_seconds(measured.cost) / measured.time.fastest;
}

}  // namespace

DeviceProfile calibrate(const Backend& backend,
                        double seconds,
                        const CalibrationProgress& progress) {
  const double begin = now();
  const auto tell = [&](std::string_view what) {
    if (progress) {
      progress(std::min(1.0, (now() - begin) / seconds), what);
    }
  };
  const DeviceInfo& info = backend.info();
  tell("copy and f32 rate");
  const Ceilings ceilings = measure_ceilings(backend);
  tell("triad and f16 rate");
  const Rates rates = measure_rates(backend);
  tell("cost of a call");

  DeviceProfile profile;
  profile.id = backend.name();
  profile.name = info.name;
  profile.kind = info.kind == BackendKind::kCpu ? "cpu" : "gpu";
  profile.cores = info.cores;
  profile.memory_gb = static_cast<double>(info.memory_bytes) / (1 << 30);
  profile.bandwidth = {ceilings.copy_bytes_per_second, "measured: copy", false};
  profile.copy_reach = {1, "the bandwidth is that of a copy", false};
  profile.f32_flops = {ceilings.flops_per_second, "measured: multiply-adds on registers", false};
  profile.f16_multiplier = {
      rates.f16_flops_per_second / ceilings.flops_per_second, "measured: f16 multiply-adds", false};
  profile.bf16_multiplier = {1, "not measured: as f32", true};
  profile.i8_multiplier = {1, "not measured: as f32", true};
  profile.launch_seconds = {launch_seconds(backend), "measured: median call on one element", false};
  profile.triad_bytes_per_second = rates.triad_bytes_per_second;
  profile.calibrated = today();
  profile.fingerprint = info.fingerprint;

  // Other work on the machine only ever adds time: of several rounds the fastest counts.
  for (int round = 0; round < kRounds; ++round) {
    for (const KernelRecord* record : in_turns()) {
      if (now() - begin > seconds) {
        return profile;
      }
      tell(record->id);
      try {
        double& best = profile.efficiency[std::string(record->id)];
        best = std::max(best, efficiency(backend, *record, ceilings));
      } catch (const Error&) {
        // The device cannot run it; estimates take the median of its domain.
        profile.efficiency.erase(std::string(record->id));
      }
      backend.trim_memory();
    }
  }
  return profile;
}

}  // namespace ingot::planner
