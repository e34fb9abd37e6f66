// Thermal levels, which systems report in place of a speed, as percentages.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ingot::health {

/// The levels of macOS, numbered as its notification `com.apple.system.thermalpressurelevel` does.
/// On Linux a level stands for the highest trip point that a thermal zone has reached.
enum class ThermalLevel : uint8_t { kNominal, kModerate, kHeavy, kTrapping, kSleeping };

struct ThermalLevelRow {
  ThermalLevel level;
  std::string_view name;        // on macOS
  std::string_view trip_point;  // its type on Linux; "" where there is none like it
  double speed_limit;  // percentage of full speed that the gate and the watchdog take it for
};

/// The percentages are chosen so that each threshold keeps its meaning: moderate is a mild throttle
/// (below 90), heavy is throttled (below 70), trapping warns during a run (below 60) and sleeping
/// is a heavy throttle (below 40).
inline constexpr std::array<ThermalLevelRow, 5> kThermalLevels = {{
    {ThermalLevel::kNominal, "nominal", "", 100},
    {ThermalLevel::kModerate, "moderate", "passive", 85},
    {ThermalLevel::kHeavy, "heavy", "", 65},
    {ThermalLevel::kTrapping, "trapping", "hot", 50},
    {ThermalLevel::kSleeping, "sleeping", "critical", 30},
}};

constexpr const ThermalLevelRow& row_of(ThermalLevel level) {
  return kThermalLevels[static_cast<size_t>(level)];
}

}  // namespace ingot::health
