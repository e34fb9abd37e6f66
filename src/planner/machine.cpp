#include "planner/machine.hpp"

#include "fmt/format.h"

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

namespace ingot::planner {
namespace {

// A core of a recent server, when nothing is known.
constexpr double kBytesPerCore = 10e9;
constexpr double kFlopsPerCore = 50e9;

std::optional<DeviceProfile> calibration_of(const std::filesystem::path& calibrations,
                                            DeviceChoice device) {
  try {
    const Backend backend = init_backend(device);
    return load_calibration(calibrations, backend.name(), backend.info().fingerprint);
  } catch (const Error&) {
    return {};  // the device is gone
  }
}

// "AMD EPYC 9654 96-Core Processor" is of the profile "AMD EPYC 9654 (Genoa)".
const DeviceProfile* profile_of(std::string_view processor) {
  for (const DeviceProfile& profile : profiles()) {
    const std::string_view model =
        std::string_view(profile.name).substr(0, profile.name.find(" ("));
    if (processor.starts_with(model) &&
        (processor.size() == model.size() || processor[model.size()] == ' ')) {
      return &profile;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<DeviceProfile> calibrated_profile(const std::filesystem::path& calibrations) {
  std::optional<DeviceProfile> fastest;
  for (const std::string_view device : {"metal", "cuda", "cpu"}) {
    // A device is opened only when there is a calibration of it: a GPU takes its time.
    std::error_code none;
    if (!std::filesystem::exists(calibrations / fmt::format("{}.toml", device), none)) {
      continue;
    }
    std::optional<DeviceProfile> profile = calibration_of(calibrations, parse_device(device));
    if (profile &&
        (!fastest || profile->copy_bytes_per_second() > fastest->copy_bytes_per_second())) {
      fastest = std::move(profile);
    }
  }
  return fastest;
}

LocalMachine machine_of(const DeviceProfile& profile, double ram_gb) {
  LocalMachine machine;
  machine.ram_gb = ram_gb > 0 ? ram_gb : profile.memory_gb;
  machine.flops_per_second = profile.f32_flops.value;
  machine.bytes_per_second = profile.copy_bytes_per_second();
  machine.ram_source = fmt::format("profile {}", profile.id);
  machine.rate_source =
      profile.calibrated
          ? fmt::format("calibration of {} on {}", profile.id, to_string(*profile.calibrated))
          : fmt::format("profile {}", profile.id);
  return machine;
}

LocalMachine this_machine(const std::filesystem::path& calibrations) {
  const DeviceInfo info = init_backend(BackendPreference::kCpu).info();
  LocalMachine machine;
  if (const auto calibrated = calibrated_profile(calibrations)) {
    machine = machine_of(*calibrated);
  } else if (const DeviceProfile* profile = profile_of(info.name)) {
    machine = machine_of(*profile);
    machine.rate_source += "; 'ingot calibrate' measures this machine";
  } else {
    machine.flops_per_second = kFlopsPerCore * info.cores;
    machine.bytes_per_second = kBytesPerCore * info.cores;
    machine.rate_source = fmt::format(
        "assumed: 10 GB/s and 50 GFLOP/s for each of {} cores; 'ingot calibrate' measures this "
        "machine",
        info.cores);
  }
  machine.ram_gb = static_cast<double>(info.memory_bytes) / (1 << 30);
  machine.ram_source = "this machine";
  return machine;
}

}  // namespace ingot::planner
