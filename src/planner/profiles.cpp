#include "planner/profiles.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/output_file.hpp"
#include "core/text.hpp"
#include "planner/data.hpp"
#include "planner/refuse.hpp"

namespace ingot::planner {
namespace {

namespace fs = std::filesystem;

// The figures of a file, with the factor from its unit to ours.
struct FigureField {
  std::string_view name;
  Figure DeviceProfile::* member;
  double unit;
};
constexpr FigureField kFigures[] = {
    {"bandwidth_gb_per_second", &DeviceProfile::bandwidth, 1e9},
    {"f32_gflops", &DeviceProfile::f32_flops, 1e9},
    {"f16_multiplier", &DeviceProfile::f16_multiplier, 1},
    {"bf16_multiplier", &DeviceProfile::bf16_multiplier, 1},
    {"i8_multiplier", &DeviceProfile::i8_multiplier, 1},
    {"copy_reach", &DeviceProfile::copy_reach, 1},
    {"launch_microseconds", &DeviceProfile::launch_seconds, 1e-6},
};

double positive(const Json& value, const std::string& subject) {
  if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() <= 0) {
    refuse(subject, "is not a positive number");
  }
  return value.get<double>();
}

std::string text(const Json& value, const std::string& subject) {
  if (!value.is_string()) {
    refuse(subject, "is not a text");
  }
  return value.get<std::string>();
}

Figure read_figure(const Json& value, double unit, const std::string& subject) {
  if (!value.is_object() || !value.contains("value") || !value.contains("source")) {
    refuse(subject, "is not a figure", "write { value = 1.0, source = \"...\" }");
  }
  Figure figure{positive(value["value"], subject) * unit, text(value["source"], subject), false};
  if (value.contains("assumed")) {
    if (!value["assumed"].is_boolean()) {
      refuse(subject, "'assumed' is not true or false");
    }
    figure.assumed = value["assumed"].get<bool>();
  }
  return figure;
}

void read_field(const std::string& key,
                const Json& value,
                const std::string& subject,
                DeviceProfile& profile) {
  if (const auto* figure = std::ranges::find(kFigures, key, &FigureField::name);
      figure != std::end(kFigures)) {
    profile.*figure->member = read_figure(value, figure->unit, subject);
  } else if (key == "id") {
    profile.id = text(value, subject);
  } else if (key == "name") {
    profile.name = text(value, subject);
  } else if (key == "kind") {
    profile.kind = text(value, subject);
  } else if (key == "fingerprint") {
    profile.fingerprint = text(value, subject);
  } else if (key == "calibrated") {
    profile.calibrated = parse_date(text(value, subject), subject);
  } else if (key == "cores" && value.is_number_integer() && value >= 0 && value <= 1'000'000) {
    profile.cores = value.get<int>();
  } else if (key == "memory_gb" && value.is_number() && value >= 0) {
    profile.memory_gb = value.get<double>();
  } else if (key == "triad_gb_per_second") {
    profile.triad_bytes_per_second = positive(value, subject) * 1e9;
  } else if (key == "efficiency" && value.is_object()) {
    for (const auto& [kernel, factor] : value.items()) {
      profile.efficiency[kernel] = positive(factor, fmt::format("{}: {}", subject, kernel));
    }
  } else {
    refuse(subject, "is not a field of a device, or not of its type");
  }
}

DeviceProfile read_profile(const Json& entry, const std::string& subject) {
  if (!entry.is_object()) {
    refuse(subject, "is not a table");
  }
  DeviceProfile profile;
  for (const auto& [key, value] : entry.items()) {
    read_field(key, value, fmt::format("{}: {}", subject, key), profile);
  }
  for (const FigureField& figure : kFigures) {
    if ((profile.*figure.member).value == 0) {
      refuse(subject, fmt::format("{} is missing", figure.name));
    }
  }
  if (profile.id.empty() || profile.name.empty() || profile.kind.empty()) {
    refuse(subject, "id, name or kind is missing");
  }
  return profile;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

std::vector<DeviceProfile> parse_profiles(std::string_view toml, const std::string& name) {
  const Json document = read_toml(toml, name);
  std::vector<DeviceProfile> result;
  for (const auto& [key, entries] : document.items()) {
    if (key != "device" || !entries.is_array()) {
      refuse(fmt::format("{}: {}", name, key),
             "is not known there",
             "a profile file holds [[device]] tables");
    }
    for (const Json& entry : entries) {
      result.push_back(read_profile(entry, fmt::format("{}: device {}", name, result.size() + 1)));
    }
  }
  return result;
}

std::string toml_of(const DeviceProfile& profile) {
  const auto toml_text = [](const std::string& content) { return Json(content).dump(); };
  std::string result =
      fmt::format("[[device]]\nid = {}\nname = {}\nkind = {}\ncores = {}\nmemory_gb = {:.1f}\n",
                  toml_text(profile.id),
                  toml_text(profile.name),
                  toml_text(profile.kind),
                  profile.cores,
                  profile.memory_gb);
  for (const FigureField& field : kFigures) {
    const Figure& figure = profile.*field.member;
    result += fmt::format("{} = {{ value = {:.6g}, source = {}{} }}\n",
                          field.name,
                          figure.value / field.unit,
                          toml_text(figure.source),
                          figure.assumed ? ", assumed = true" : "");
  }
  if (profile.calibrated) {
    result += fmt::format(
        "calibrated = {}\nfingerprint = {}\ntriad_gb_per_second = {:.6g}\n[device.efficiency]\n",
        to_string(*profile.calibrated),
        toml_text(profile.fingerprint),
        profile.triad_bytes_per_second / 1e9);
    for (const auto& [kernel, factor] : profile.efficiency) {
      result += fmt::format("{} = {:.4g}\n", toml_text(kernel), factor);
    }
  }
  return result;
}

std::span<const DeviceProfile> profiles() {
  static const std::vector<DeviceProfile> all = [] {
    std::vector<DeviceProfile> result;
    for (const EmbeddedFile& file : data_files()) {
      if (file.path.starts_with("devices/")) {
        std::ranges::move(parse_profiles(file.text, std::string(file.path)),
                          std::back_inserter(result));
      }
    }
    std::ranges::sort(result, {}, &DeviceProfile::id);
    return result;
  }();
  return all;
}

const DeviceProfile& find_profile(std::string_view id) {
  const std::string wanted = lower_case(id);
  const auto profile = std::ranges::find(profiles(), wanted, &DeviceProfile::id);
  if (profile == profiles().end()) {
    std::vector<std::string> names;
    for (const DeviceProfile& known : profiles()) {
      names.push_back(known.id);
    }
    throw Error(ErrorCode::kNotFound,
                "profile",
                fmt::format("there is no profile '{}'", id),
                suggestion(wanted, names) + " 'ingot estimate --profiles' prints all");
  }
  return *profile;
}

fs::path calibration_directory() {
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) {
    return fs::path(data) / "ingot" / "calibration";
  }
  const std::string home = variable("HOME");
  if (home.empty()) {
    return {};
  }
#if defined(__APPLE__)
  return fs::path(home) / "Library" / "Application Support" / "ingot" / "calibration";
#else
  return fs::path(home) / ".local" / "share" / "ingot" / "calibration";
#endif
}

std::optional<DeviceProfile> load_calibration(const fs::path& directory,
                                              std::string_view device,
                                              std::string_view fingerprint) {
  const fs::path file = directory / fmt::format("{}.toml", device);
  std::error_code none;
  if (directory.empty() || !fs::is_regular_file(file, none)) {
    return {};
  }
  try {
    const std::vector<DeviceProfile> stored =
        parse_profiles(read_text(file.string()), file.string());
    if (stored.size() == 1 && stored[0].calibrated && stored[0].fingerprint == fingerprint) {
      return stored[0];
    }
  } catch (const Error&) {
    // Damaged: as good as none; the next calibration replaces it.
  }
  return {};
}

fs::path store_calibration(const fs::path& directory, const DeviceProfile& profile) {
  if (directory.empty()) {
    throw Error(ErrorCode::kIo,
                "calibration",
                "there is no place to store it",
                "set HOME or XDG_DATA_HOME");
  }
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) {
    throw Error(ErrorCode::kIo, directory.string(), "cannot be made: " + failure.message());
  }
  const fs::path path = directory / (profile.id + ".toml");
  OutputFile file(path.string());
  const std::string content = toml_of(profile);
  file.write(content.data(), content.size());
  file.commit();
  return path;
}

}  // namespace ingot::planner
