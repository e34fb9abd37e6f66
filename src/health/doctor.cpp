#include "health/doctor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <unistd.h>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "hwy/highway.h"
#include "hwy/targets.h"

#include "ingot/dtype.hpp"
#include "ingot/error.hpp"

#include "backends/cpu/gemm.hpp"
#include "core/disk_cache.hpp"
#include "core/parallel.hpp"
#include "health/doctor_gpu.hpp"
#include "health/sampler.hpp"
#include "planner/machine.hpp"

namespace ingot::health {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(int64_t targets) {
  std::vector<std::string> names;
  for (; targets != 0; targets &= targets - 1) {
    names.emplace_back(hwy::TargetName(targets & -targets));
  }
  return names;
}

// Targets are bits, best first.
Check check_simd() {
  const int64_t compiled = HWY_TARGETS;
  const int64_t usable = compiled & hwy::SupportedTargets();
  const int64_t best = usable & -usable;
  Check check{"simd", CheckState::kOk, hwy::TargetName(best), {}, {}};
  check.why =
      fmt::format("the best that this processor has of {}", fmt::join(names_of(compiled), ", "));
  // Builds for debugging know no instruction set but these.
  constexpr int64_t kEmulated = HWY_EMU128 | HWY_SCALAR;
  if ((best & kEmulated) != 0 && (compiled & ~kEmulated) != 0) {
    check.state = CheckState::kBroken;
    check.why = "the processor has none of the instruction sets that this build knows";
    check.remedy = "build Ingot on this machine: scripts/build";
  }
  return check;
}

Check check_matrix_products() {
  return {"matrix products",
          CheckState::kOk,
          fmt::format("{}, {}", cpu::gemm_provider(DType::kF32), cpu::gemm_provider(DType::kI8)),
          "the libraries that this build was linked with",
          {}};
}

Check check_threads() {
  const Snapshot snapshot = sample();
  const int workers = worker_count();
  Check check{"threads", CheckState::kOk, fmt::to_string(workers), {}, {}};
  if (!snapshot.usable_cores.known()) {
    check.why = "the cores that the system shows";
    return check;
  }
  const double usable = *snapshot.usable_cores.value;
  check.why = fmt::format("{:g} cores usable: {}", usable, snapshot.usable_cores.source);
  // More threads than a quota pays for spend it early and then all stand still.
  if (workers > std::ceil(usable)) {
    const auto cores = static_cast<int64_t>(std::ceil(usable));
    check.remedy = cores == 1 ? "taskset --cpu-list 0 COMMAND"
                              : fmt::format("taskset --cpu-list 0-{} COMMAND", cores - 1);
  }
  return check;
}

uint64_t size_of_files(const fs::path& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const uint64_t size = entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0;
    bytes += ignored ? 0 : size;
  }
  return bytes;
}

Check check_cache() {
  const fs::path place = user_cache_directory();
  Check check{"cache", CheckState::kOk, place.string(), {}, {}};
  try {
    const DiskCache cache("doctor");
    cache.put("check", "x");
    if (!cache.fallback_reason().empty()) {
      check.state = CheckState::kMissing;
      check.found.clear();
      check.why = cache.fallback_reason() + ": compiled shaders are lost when a program ends";
      check.remedy = "export INGOT_CACHE_DIR=/a/directory/that/can/be/written";
      return check;
    }
    std::error_code ignored;
    fs::remove_all(cache.directory(), ignored);
    check.why = fmt::format("writable, {:.1f} MB; may be deleted at any time",
                            static_cast<double>(size_of_files(place)) / 1e6);
  } catch (const Error& error) {
    check.state = CheckState::kBroken;
    check.why = error.what();
    check.remedy = "make room in the cache's or the temporary directory, or export INGOT_CACHE_DIR";
  }
  return check;
}

Check check_calibration() {
  Check check{"calibration", CheckState::kMissing, {}, {}, {}};
  const fs::path directory = planner::calibration_directory();
  const auto profile = planner::calibrated_profile(directory);
  if (!profile || !profile->calibrated) {
    check.why = "estimates use published figures, or assumptions";
    check.remedy = "ingot calibrate";
    return check;
  }
  const auto age = planner::today() - *profile->calibrated;
  check.state = CheckState::kOk;
  check.found = fmt::format("{}, {} days old", profile->id, age.count());
  check.why = directory.string();
  return check;
}

}  // namespace

std::string_view to_string(CheckState state) {
  constexpr std::array<std::string_view, 3> kNames = {"ok", "missing", "broken"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<Check> diagnose() {
  std::vector<Check> checks = {
      check_simd(), check_matrix_products(), check_threads(), check_cache(), check_calibration()};
  std::ranges::move(check_gpus(), std::back_inserter(checks));
  return checks;
}

bool all_well(const std::vector<Check>& checks) {
  return std::ranges::none_of(
      checks, [](const Check& check) { return check.state == CheckState::kBroken; });
}

}  // namespace ingot::health
