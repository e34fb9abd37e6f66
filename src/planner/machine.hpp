// The machine at hand, as the planner sees it.
#pragma once

#include <filesystem>
#include <optional>

#include "planner/profiles.hpp"
#include "planner/workload.hpp"

namespace ingot::planner {

/// The memory of the machine and the rates of its fastest calibrated device; without a calibration
/// those of the processor's profile, by its name, and where there is none, an assumption of 10 GB/s
/// and 50 GFLOP/s a core. The sources say which.
LocalMachine this_machine(const std::filesystem::path& calibrations = calibration_directory());

/// A machine with a profile's rates. `ram_gb` 0: the profile's memory.
LocalMachine machine_of(const DeviceProfile& profile, double ram_gb = 0);

/// The fastest of the calibrations of devices that this machine still has.
std::optional<DeviceProfile> calibrated_profile(const std::filesystem::path& calibrations);

}  // namespace ingot::planner
