// The rules of the gate: codes, thresholds, conditions and messages, once.
#include "health/gate.hpp"

namespace ingot::health {
namespace {

using Facts = GateFacts;

std::optional<bool> below(const std::optional<double>& value, double threshold) {
  return value ? std::optional(*value < threshold) : std::nullopt;
}

std::optional<bool> above(const std::optional<double>& value, double threshold) {
  return value ? std::optional(*value > threshold) : std::nullopt;
}

template <class T>
std::optional<bool> equal(const std::optional<T>& value, T wanted) {
  return value ? std::optional(*value == wanted) : std::nullopt;
}

// False as soon as one is false, whatever the other: only then is an unknown of no account.
std::optional<bool> both(std::optional<bool> a, std::optional<bool> b) {
  if (a == false || b == false) {
    return false;
  }
  return a && b ? std::optional(true) : std::nullopt;
}

std::optional<bool> memory_critical(const Facts& facts, double) {
  return equal(facts.mem_pressure, MemPressure::kCritical);
}

std::optional<bool> memory_warn(const Facts& facts, double threshold) {
  std::optional<bool> large;
  if (facts.data_size_gb && facts.mem_available_pct && facts.machine_ram_gb) {
    large =
        *facts.data_size_gb > *facts.mem_available_pct / 100 * *facts.machine_ram_gb * threshold;
  }
  return both(equal(facts.mem_pressure, MemPressure::kWarn), large);
}

std::optional<bool> thermal_throttled(const Facts& facts, double threshold) {
  return below(facts.cpu_speed_limit, threshold);
}

std::optional<bool> gpu_throttled(const Facts& facts, double threshold) {
  // A machine without a GPU is not one with an unknown GPU.
  return facts.gpu_name ? below(facts.gpu_speed_limit, threshold) : false;
}

std::optional<bool> battery_throttled(const Facts& facts, double threshold) {
  return both(below(facts.cpu_speed_limit, threshold),
              equal(facts.power_source, PowerSource::kBattery));
}

std::optional<bool> battery_long(const Facts& facts, double threshold) {
  return both(equal(facts.power_source, PowerSource::kBattery),
              above(facts.local_time_hours, threshold));
}

std::optional<bool> cpu_overloaded(const Facts& facts, double threshold) {
  return above(facts.cpu_saturation, threshold);
}

constexpr std::string_view kMemoryCritical[] = {"mem_pressure"};
constexpr std::string_view kMemoryWarn[] = {
    "mem_pressure", "data_size_gb", "mem_available_pct", "machine_ram_gb"};
constexpr std::string_view kThermal[] = {"cpu_speed_limit"};
constexpr std::string_view kGpuThermal[] = {"gpu_speed_limit"};
constexpr std::string_view kBatteryThrottled[] = {"cpu_speed_limit", "power_source"};
constexpr std::string_view kBatteryLong[] = {"power_source", "local_time_hours"};
constexpr std::string_view kOverloaded[] = {"load_avg_1min", "num_cores"};

constexpr GateRule kRules[] = {
    {"memory_critical",
     Verdict::kBlock,
     0,
     "mem_pressure = \"critical\"",
     "System memory is critical — {top_process_rss_gb:.1f} GB used by {top_process_name}. Close "
     "applications or reduce working set before proceeding.",
     "System memory is critical. Close applications or reduce working set before proceeding.",
     memory_critical,
     kMemoryCritical,
     false},
    {"memory_warn",
     Verdict::kWarn,
     0.5,
     "mem_pressure = \"warn\" AND data_size_gb > mem_available_pct/100 * machine_ram_gb * "
     "{threshold}",
     "Memory pressure is elevated. This workload may cause swapping and degrade the entire "
     "system. Consider closing {top_process_name} ({top_process_rss_gb:.1f} GB) first.",
     "Memory pressure is elevated. This workload may cause swapping and degrade the entire "
     "system. Consider closing other applications first.",
     memory_warn,
     kMemoryWarn,
     false},
    {"thermal_throttled",
     Verdict::kWarn,
     70,
     "cpu_speed_limit < {threshold}",
     "CPU is thermally throttled to {cpu_speed_limit:.0f}% speed. Performance will be "
     "significantly degraded. Move the laptop to a hard, ventilated surface — not a lap, bed, or "
     "couch. A fan pad or elevated stand will help. Wait 2-3 minutes for thermals to recover "
     "before launching heavy compute.",
     "",
     thermal_throttled,
     kThermal,
     true},
    {"thermal_throttled",
     Verdict::kWarn,
     70,
     "gpu_speed_limit < {threshold}",
     "{gpu_name} is thermally throttled to {gpu_speed_limit:.0f}% speed. Performance will be "
     "significantly degraded. Check the airflow around it and its power limit, and wait 2-3 "
     "minutes for thermals to recover before launching heavy compute.",
     "",
     gpu_throttled,
     kGpuThermal,
     false},
    {"battery_throttled",
     Verdict::kWarn,
     90,
     "cpu_speed_limit < {threshold} AND power_source = \"battery\"",
     "Running on battery with mild thermal throttle ({cpu_speed_limit:.0f}%). Plug in for "
     "sustained performance — battery mode caps power delivery.",
     "",
     battery_throttled,
     kBatteryThrottled,
     true},
    {"battery_long",
     Verdict::kWarn,
     0.5,
     "power_source = \"battery\" AND local_time_hours > {threshold}",
     "This workload will run {local_time_hours:.1f}h on battery. Plug in to avoid throttling and "
     "battery drain.",
     "",
     battery_long,
     kBatteryLong,
     false},
    {"cpu_overloaded",
     Verdict::kWarn,
     1.0,
     "load_avg_1min / num_cores > {threshold:.1f}",
     "CPU is overloaded (load {load_avg_1min:.1f} across {num_cores:.0f} cores). Other processes "
     "are competing for resources. Runtime estimates may be 2-3x longer than normal.",
     "",
     cpu_overloaded,
     kOverloaded,
     false},
};

constexpr std::string_view kCooling[] = {
    "Move the laptop to a hard, flat surface: desk, table, or countertop. Never a lap, bed, "
    "blanket, or couch cushion (blocks bottom vents).",
    "Use a fan pad or laptop stand if available: even a few cm of elevation helps airflow.",
    "Close the lid partially if using an external display: this reduces heat from the display "
    "backlight.",
    "Kill background GPU consumers: browsers with WebGL, video playback, screen recording.",
    "Wait 2-3 minutes after a thermal warning before launching heavy compute, to let the chip "
    "cool below its throttle threshold.",
};

}  // namespace

std::span<const GateRule> gate_rules() {
  return kRules;
}

std::span<const std::string_view> cooling_guidance() {
  return kCooling;
}

}  // namespace ingot::health
