// What devices can do: the profiles of data/devices, and the calibrated ones of this machine.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/prices.hpp"

namespace ingot::planner {

/// A number and where it comes from.
struct Figure {
  double value = 0;
  std::string source;
  bool assumed = false;  // not published and not measured
};

struct DeviceProfile {
  std::string id;    // "m4-max"
  std::string name;  // "Apple M4 Max (40-core GPU)"
  std::string kind;  // "apple-gpu", "nvidia-gpu", "cpu"
  int cores = 0;
  double memory_gb = 0;   // the most that the device comes with; 0: depends on the machine
  Figure bandwidth;       // bytes per second of the memory
  Figure f32_flops;       // operations per second; a multiply-add is two
  Figure f16_multiplier;  // rate of f16 arithmetic against f32, without matrix units
  Figure bf16_multiplier;
  Figure i8_multiplier;
  Figure copy_reach;      // the part of `bandwidth` that a plain copy reaches
  Figure launch_seconds;  // of a kernel that has nothing to do

  // Of calibrated profiles only:
  double triad_bytes_per_second = 0;
  std::optional<Date> calibrated;
  std::string fingerprint;  // of the device, DeviceInfo's
  /// By kernel id: the time that the roofline gives, over the measured time, for large arrays.
  std::map<std::string, double, std::less<>> efficiency;

  /// Of a plain copy.
  double copy_bytes_per_second() const { return bandwidth.value * copy_reach.value; }
};

/// Reads profiles in the form of data/devices. Throws Error(kInvalidArgument) that names the device
/// and the field.
std::vector<DeviceProfile> parse_profiles(std::string_view toml, const std::string& name);

/// The profile in that form.
std::string toml_of(const DeviceProfile& profile);

/// The profiles that come with Ingot, ordered by id.
std::span<const DeviceProfile> profiles();

/// One of them by id ("m4-max", any case). Throws Error(kNotFound) that names the nearest.
const DeviceProfile& find_profile(std::string_view id);

/// $XDG_DATA_HOME/ingot/calibration, else ~/Library/Application Support/ingot/calibration (macOS)
/// or ~/.local/share/ingot/calibration. Empty when no variable says where.
std::filesystem::path calibration_directory();

/// The stored calibration of a device, if there is one that was made on it as it is now: the same
/// fingerprint. A file that cannot be read counts as none.
std::optional<DeviceProfile> load_calibration(const std::filesystem::path& directory,
                                              std::string_view device,
                                              std::string_view fingerprint);

/// Stores a calibration; `profile.id` is the device's name ("cpu"). The file is whole or not there.
/// Throws Error(kIo).
std::filesystem::path store_calibration(const std::filesystem::path& directory,
                                        const DeviceProfile& profile);

}  // namespace ingot::planner
