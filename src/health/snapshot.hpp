// The state of a machine at one moment, as the gate and the watchdog judge it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "health/signal.hpp"

namespace ingot::health {

enum class MemPressure : uint8_t { kNormal, kWarn, kCritical };
enum class PowerSource : uint8_t { kAc, kBattery };

/// The words of snapshot files, in the order of the enumerators.
inline constexpr std::array<std::string_view, 3> kMemPressureWords = {"normal", "warn", "critical"};
inline constexpr std::array<std::string_view, 2> kPowerSourceWords = {"AC", "battery"};

inline std::string_view to_string(MemPressure pressure) {
  return kMemPressureWords[static_cast<size_t>(pressure)];
}
inline std::string_view to_string(PowerSource source) {
  return kPowerSourceWords[static_cast<size_t>(source)];
}

/// What is known of a signal beside its value. Numbers lie in least..most.
struct SignalInfo {
  std::string_view name;
  std::string_view unit;
  double least = 0;
  double most = std::numeric_limits<double>::max();
};

/// One NVIDIA GPU.
struct Gpu {
  Signal<std::string> name;
  Signal<double> memory_total_gb;
  Signal<double> memory_used_gb;
  Signal<double> temperature_c;
  Signal<double> utilisation_pct;
  Signal<double> power_w;
  Signal<double> power_limit_w;
  Signal<double> speed_limit_pct;      // clock against its maximum while held back, else 100
  Signal<std::string> clocks_held_by;  // "hardware thermal slowdown, ..."; "" when nothing does
  Signal<double> top_process_gb;       // most GPU memory of one compute process
  Signal<std::string> top_process_name;
};

/// Gigabytes are 2^30 bytes, percentages 0..100.
struct Snapshot {
  Signal<MemPressure> mem_pressure;
  Signal<double> mem_available_pct;  // of machine_ram_gb, before the system comes under pressure
  Signal<double> cpu_speed_limit;    // percentage of full speed; 100: not throttled
  Signal<PowerSource> power_source;
  Signal<double> load_avg_1min;
  Signal<double> num_cores;  // of the whole machine, as the load average counts it
  Signal<double> top_process_rss_gb;
  Signal<std::string> top_process_name;

  Signal<double> machine_ram_gb;  // physical, or the container's limit where that is less
  Signal<double> usable_cores;    // that affinity and the container's quota leave this process
  Signal<double> swap_used_pct;
  Signal<double> mem_stall_pct;  // of the last 10 s in which some process waited for memory
  Signal<double> cpu_temperature_c;
  Signal<double> cpu_throttle_events;  // since boot
  Signal<double> battery_pct;
  std::vector<Gpu> gpus;
  std::string gpu_source;  // where gpus comes from, or why there are none
};

/// Calls visit(SignalInfo, signal) for each signal of a Gpu, const or not.
template <class G, class Visit>
void for_each_gpu_signal(G& gpu, Visit&& visit) {
  visit(SignalInfo{"name", ""}, gpu.name);
  visit(SignalInfo{"memory_total_gb", "GB"}, gpu.memory_total_gb);
  visit(SignalInfo{"memory_used_gb", "GB"}, gpu.memory_used_gb);
  visit(SignalInfo{"temperature_c", "°C", -273}, gpu.temperature_c);
  visit(SignalInfo{"utilisation_pct", "%", 0, 100}, gpu.utilisation_pct);
  visit(SignalInfo{"power_w", "W"}, gpu.power_w);
  visit(SignalInfo{"power_limit_w", "W"}, gpu.power_limit_w);
  visit(SignalInfo{"speed_limit_pct", "%", 0, 100}, gpu.speed_limit_pct);
  visit(SignalInfo{"clocks_held_by", ""}, gpu.clocks_held_by);
  visit(SignalInfo{"top_process_gb", "GB"}, gpu.top_process_gb);
  visit(SignalInfo{"top_process_name", ""}, gpu.top_process_name);
}

/// Calls visit(SignalInfo, signal) for each signal of a Snapshot, const or not: the one list of
/// them. GPUs have their own.
template <class S, class Visit>
void for_each_signal(S& snapshot, Visit&& visit) {
  visit(SignalInfo{"mem_pressure", ""}, snapshot.mem_pressure);
  visit(SignalInfo{"mem_available_pct", "%", 0, 100}, snapshot.mem_available_pct);
  visit(SignalInfo{"cpu_speed_limit", "%", 0, 100}, snapshot.cpu_speed_limit);
  visit(SignalInfo{"power_source", ""}, snapshot.power_source);
  visit(SignalInfo{"load_avg_1min", ""}, snapshot.load_avg_1min);
  visit(SignalInfo{"num_cores", "", 1}, snapshot.num_cores);
  visit(SignalInfo{"top_process_rss_gb", "GB"}, snapshot.top_process_rss_gb);
  visit(SignalInfo{"top_process_name", ""}, snapshot.top_process_name);
  visit(SignalInfo{"machine_ram_gb", "GB"}, snapshot.machine_ram_gb);
  visit(SignalInfo{"usable_cores", ""}, snapshot.usable_cores);
  visit(SignalInfo{"swap_used_pct", "%", 0, 100}, snapshot.swap_used_pct);
  visit(SignalInfo{"mem_stall_pct", "%", 0, 100}, snapshot.mem_stall_pct);
  visit(SignalInfo{"cpu_temperature_c", "°C", -273}, snapshot.cpu_temperature_c);
  visit(SignalInfo{"cpu_throttle_events", ""}, snapshot.cpu_throttle_events);
  visit(SignalInfo{"battery_pct", "%", 0, 100}, snapshot.battery_pct);
}

}  // namespace ingot::health
