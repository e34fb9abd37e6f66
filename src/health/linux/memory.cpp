// Memory, swap and pressure.
#include <algorithm>

#include "fmt/format.h"

#include "health/linux/cgroup.hpp"
#include "health/linux/signals.hpp"

namespace ingot::health {
namespace {

constexpr double kGib = 1 << 30;

// Bytes of a line of /proc/meminfo, which counts in KiB.
std::optional<double> meminfo(const std::string& text, std::string_view key) {
  const auto value = line_value(text, key);
  const auto number = value ? leading_number(*value) : std::nullopt;
  return number ? std::optional(*number * 1024) : std::nullopt;
}

// avg10 of the line "some" or "full" of /proc/pressure/memory.
std::optional<double> stall(const std::string& text, const std::string& kind) {
  const auto value = line_value(text, kind + " avg10=");
  return value ? leading_number(*value) : std::nullopt;
}

void read_pressure(Snapshot& snapshot, const std::string& stalls) {
  PressureSigns signs;
  signs.available_pct = snapshot.mem_available_pct.value;
  signs.swap_used_pct = snapshot.swap_used_pct.value;
  signs.some_stall_pct = stall(stalls, "some");
  signs.full_stall_pct = stall(stalls, "full");
  const std::optional<MemPressure> pressure = mem_pressure_of(signs);
  if (!pressure) {
    snapshot.mem_pressure =
        unknown<MemPressure>("neither MemAvailable nor /proc/pressure/memory can be read");
    return;
  }
  snapshot.mem_pressure =
      known(*pressure,
            signs.some_stall_pct ? "/proc/pressure/memory, MemAvailable, swap"
                                 : "MemAvailable, swap; no /proc/pressure/memory");
}

}  // namespace

std::optional<MemPressure> mem_pressure_of(const PressureSigns& signs) {
  if (!signs.available_pct && !signs.some_stall_pct) {
    return std::nullopt;
  }
  const double available = signs.available_pct.value_or(100);
  if (available < kCriticalAvailablePct || signs.full_stall_pct.value_or(0) >= kCriticalStallPct) {
    return MemPressure::kCritical;
  }
  const bool swapping =
      signs.swap_used_pct.value_or(0) >= kFullSwapPct && available < kFullSwapAvailablePct;
  if (available < kWarnAvailablePct || signs.some_stall_pct.value_or(0) >= kWarnStallPct ||
      swapping) {
    return MemPressure::kWarn;
  }
  return MemPressure::kNormal;
}

void read_memory(const Tree& tree, Snapshot& snapshot) {
  const std::string info = tree.text("proc/meminfo").value_or("");
  const CgroupLimits limits = read_cgroup_limits(tree);
  std::optional<double> total = meminfo(info, "MemTotal:");
  std::optional<double> available = meminfo(info, "MemAvailable:");
  std::string total_source = "MemTotal of /proc/meminfo";
  std::string available_source = "MemAvailable of /proc/meminfo";
  if (limits.memory_bytes && *limits.memory_bytes < total.value_or(*limits.memory_bytes + 1)) {
    total = limits.memory_bytes;
    total_source = "memory.max of the cgroup";
  }
  if (limits.available_bytes &&
      *limits.available_bytes < available.value_or(*limits.available_bytes + 1)) {
    available = limits.available_bytes;
    available_source = "memory.max less memory.current of the cgroup";
  }

  snapshot.machine_ram_gb =
      total ? known(*total / kGib, total_source) : unknown<double>("no MemTotal in /proc/meminfo");
  snapshot.mem_available_pct =
      total.value_or(0) > 0 && available
          ? known(std::clamp(100 * *available / *total, 0.0, 100.0), available_source)
          : unknown<double>("no MemAvailable in /proc/meminfo");

  const auto swap = meminfo(info, "SwapTotal:");
  const auto swap_free = meminfo(info, "SwapFree:");
  if (swap.value_or(0) > 0 && swap_free) {
    snapshot.swap_used_pct = known(std::clamp(100 * (1 - *swap_free / *swap), 0.0, 100.0),
                                   "SwapTotal and SwapFree of /proc/meminfo");
  } else {
    snapshot.swap_used_pct = unknown<double>(swap ? "there is no swap" : "no /proc/meminfo");
  }

  const std::string stalls = tree.text("proc/pressure/memory").value_or("");
  const auto some = stall(stalls, "some");
  snapshot.mem_stall_pct = some ? known(std::clamp(*some, 0.0, 100.0), "/proc/pressure/memory")
                                : unknown<double>("no /proc/pressure/memory");
  read_pressure(snapshot, stalls);
}

}  // namespace ingot::health
