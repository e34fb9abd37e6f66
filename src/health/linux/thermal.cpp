// Temperature and throttling of the processor.
#include <algorithm>
#include <array>

#include "fmt/format.h"

#include "health/linux/signals.hpp"
#include "health/thermal_level.hpp"

namespace ingot::health {
namespace {

const std::string kCpus = "sys/devices/system/cpu";

bool is_of_processor(std::string_view sensor) {
  constexpr std::array<std::string_view, 8> kNames = {
      "x86_pkg_temp", "coretemp", "k10temp", "zenpower", "cpu", "soc", "TCPU", "acpitz"};
  return std::ranges::any_of(kNames,
                             [&](std::string_view name) { return sensor.starts_with(name); });
}

// The hottest of the sensors seen.
struct Hottest {
  std::optional<double> celsius;
  std::string source;

  void add(std::optional<double> millidegrees, std::string where) {
    // Sensors that are switched off read 0 or less.
    if (millidegrees.value_or(0) > 0 && *millidegrees / 1000 > celsius.value_or(0)) {
      celsius = *millidegrees / 1000;
      source = std::move(where);
    }
  }
};

void read_temperature(const Tree& tree, Snapshot& snapshot) {
  Hottest hottest;
  for (const std::string& zone : tree.entries("sys/class/thermal", "thermal_zone")) {
    const std::string type = tree.text(zone + "/type").value_or("");
    if (is_of_processor(type)) {
      hottest.add(tree.number(zone + "/temp"), "thermal zone " + type);
    }
  }
  for (const std::string& chip : tree.entries("sys/class/hwmon", "hwmon")) {
    const std::string name = tree.text(chip + "/name").value_or("");
    if (is_of_processor(name)) {
      hottest.add(tree.number(chip + "/temp1_input"), "sensor " + name);
    }
  }
  snapshot.cpu_temperature_c = hottest.celsius
                                   ? known(*hottest.celsius, hottest.source)
                                   : unknown<double>("no thermal zone or sensor of the processor");
}

// Throttlings of all cores and packages since boot.
std::optional<double> throttle_events(const Tree& tree) {
  std::optional<double> sum;
  for (const std::string& cpu : tree.entries(kCpus, "cpu")) {
    for (const char* counter : {"core_throttle_count", "package_throttle_count"}) {
      if (const auto count = tree.number(cpu + "/thermal_throttle/" + counter)) {
        sum = sum.value_or(0) + *count;
      }
    }
  }
  return sum;
}

// A frequency of each policy over the highest that the policy knows, as the least of them in
// percent.
std::optional<double> least_frequency_pct(const Tree& tree, const std::string& file, size_t most) {
  std::optional<double> least;
  const auto policies = tree.entries(kCpus + "/cpufreq", "policy");
  for (size_t i = 0; i < std::min(most, policies.size()); ++i) {
    const auto frequency = tree.number(policies[i] + "/" + file);
    const auto highest = tree.number(policies[i] + "/cpuinfo_max_freq");
    if (frequency && highest.value_or(0) > 0) {
      least = std::min(least.value_or(100), 100 * *frequency / *highest);
    }
  }
  return least;
}

// The highest trip point that a zone has reached, or nominal; nothing without zones with trip
// points that throttle.
std::optional<ThermalLevel> trip_level(const Tree& tree) {
  std::optional<ThermalLevel> level;
  for (const std::string& zone : tree.entries("sys/class/thermal", "thermal_zone")) {
    const auto temperature = tree.number(zone + "/temp");
    for (int trip = 0; temperature; ++trip) {
      const std::string point = fmt::format("{}/trip_point_{}_", zone, trip);
      const auto type = tree.text(point + "type");
      if (!type) {
        break;
      }
      const auto row = std::ranges::find(kThermalLevels, *type, &ThermalLevelRow::trip_point);
      const auto at = tree.number(point + "temp");
      if (row == kThermalLevels.end() || at.value_or(0) <= 0) {
        continue;  // fans ("active"), and points that are switched off
      }
      const auto reached = *temperature >= *at ? row->level : ThermalLevel::kNominal;
      level = std::max(level.value_or(ThermalLevel::kNominal), reached);
    }
  }
  return level;
}

// The frequency of the moment tells nothing by itself, as idle cores run slowly: it counts only
// while something holds the processor back. Some kernels wait to measure it, so few cores are
// asked.
constexpr size_t kMostMeasured = 4;

}  // namespace

void read_thermal(const Tree& tree, LinuxHistory& history, Snapshot& snapshot) {
  read_temperature(tree, snapshot);
  const auto events = throttle_events(tree);
  const bool throttling = events && history.throttle_events && *events > *history.throttle_events;
  history.throttle_events = events;
  snapshot.cpu_throttle_events = events ? known(*events, kCpus + "/cpu*/thermal_throttle")
                                        : unknown<double>("no thermal_throttle counters");

  struct {
    std::optional<double> percent;
    std::string source;
    void lower(std::optional<double> value, std::string where) {
      if (value && (!percent || *value < *percent)) {
        percent = value;
        source = std::move(where);
      }
    }
  } limit;
  limit.lower(least_frequency_pct(tree, "scaling_max_freq", SIZE_MAX),
              "cpufreq: highest frequency allowed");
  const auto level = trip_level(tree);
  if (level) {
    limit.lower(row_of(*level).speed_limit, fmt::format("thermal zones: {}", row_of(*level).name));
  }
  if (throttling || level.value_or(ThermalLevel::kNominal) > ThermalLevel::kNominal) {
    limit.lower(least_frequency_pct(tree, "scaling_cur_freq", kMostMeasured),
                "cpufreq: frequency while throttled");
  }
  snapshot.cpu_speed_limit = limit.percent
                                 ? known(std::clamp(*limit.percent, 0.0, 100.0), limit.source)
                                 : unknown<double>("no cpufreq, no thermal zones with trip points");
}

}  // namespace ingot::health
