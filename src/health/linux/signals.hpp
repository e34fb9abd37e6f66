// The parts of a Linux snapshot, each read from the files of a tree.
#pragma once

#include <chrono>
#include <optional>

#include "health/linux/tree.hpp"
#include "health/sampler.hpp"
#include "health/snapshot.hpp"

namespace ingot::health {

/// Linux has no word for memory pressure; these signs make one. Critical: hardly any memory is
/// available, or all tasks at once wait for memory a fifth of the time, where the system no longer
/// answers. Warn: little is available, or some task waits a tenth of the time, or swap is full
/// while memory runs low. Swap that is full beside plenty of memory holds what nobody uses.
inline constexpr double kCriticalAvailablePct = 5;
inline constexpr double kCriticalStallPct = 20;
inline constexpr double kWarnAvailablePct = 15;
inline constexpr double kWarnStallPct = 10;
inline constexpr double kFullSwapPct = 90;
inline constexpr double kFullSwapAvailablePct = 30;

struct PressureSigns {
  std::optional<double> available_pct = {};
  std::optional<double> swap_used_pct = {};
  std::optional<double> some_stall_pct = {};  // avg10 of /proc/pressure/memory
  std::optional<double> full_stall_pct = {};
};

/// Nothing when neither memory nor stalls are known.
std::optional<MemPressure> mem_pressure_of(const PressureSigns& signs);

/// Counters of the sample before.
struct LinuxHistory {
  std::optional<double> throttle_events;
};

void read_memory(const Tree& tree, Snapshot& snapshot);
void read_load(const Tree& tree, Snapshot& snapshot);
void read_thermal(const Tree& tree, LinuxHistory& history, Snapshot& snapshot);
void read_power(const Tree& tree, Snapshot& snapshot);

/// Looks at processes until `deadline` and says so where it has not seen all of them.
void read_top_process(const Tree& tree,
                      std::chrono::steady_clock::time_point deadline,
                      Snapshot& snapshot);

/// All of them.
Snapshot read_linux(const Tree& tree, LinuxHistory& history, const SampleOptions& options);

/// process_tree_rss_gb of the processes in `tree`.
std::optional<double> process_tree_rss_gb(const Tree& tree, pid_t root);

}  // namespace ingot::health
