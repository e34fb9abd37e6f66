// The gate before a workload: what a snapshot of the machine says against starting it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "health/snapshot.hpp"
#include "planner/workload.hpp"

namespace ingot::health {

enum class Verdict : uint8_t { kPass, kWarn, kBlock };
/// "pass", "warn", "block".
std::string_view to_string(Verdict verdict);

/// What the rules look at, by the documents' names; what is not known is empty.
struct GateFacts {
  std::optional<MemPressure> mem_pressure;
  std::optional<double> mem_available_pct;
  std::optional<double> cpu_speed_limit;
  std::optional<PowerSource> power_source;
  std::optional<double> load_avg_1min;
  std::optional<double> num_cores;
  std::optional<double> cpu_saturation;  // load_avg_1min / num_cores
  std::optional<double> top_process_rss_gb;
  std::optional<std::string> top_process_name;
  std::optional<double> machine_ram_gb;  // the workload's, else the snapshot's
  std::optional<double> data_size_gb;
  std::optional<double> local_time_hours;  // expected_hours()
  std::optional<double> gpu_speed_limit;   // the most throttled GPU's
  std::optional<std::string> gpu_name;     // of that GPU
};

/// One rule. `condition` and `message` are texts with the names of GateFacts in braces where their
/// values go, and {threshold}.
struct GateRule {
  std::string_view code;
  Verdict severity;
  double threshold;
  std::string_view condition;
  std::string_view message;
  /// Said where `message` names something that is unknown.
  std::string_view short_message;
  /// Nothing: it cannot be told from what is known.
  std::optional<bool> (*applies)(const GateFacts& facts, double threshold);
  /// Facts that decide the rule, in the order of its condition.
  std::span<const std::string_view> needs;
  bool thermal;  // the cooling guidance goes with it
};

/// All rules, in the order in which they are tried.
std::span<const GateRule> gate_rules();

/// A rule's condition with its threshold: "cpu_speed_limit < 70".
std::string condition_text(const GateRule& rule);

/// What to do about heat, a sentence or two each.
std::span<const std::string_view> cooling_guidance();

struct Finding {
  std::string_view code;
  Verdict severity;
  std::string message;
};

/// A rule that could not be decided, and the facts that are missing for it.
struct Undecided {
  std::string_view code;
  std::vector<std::string_view> missing;
};

struct Decision {
  Verdict verdict = Verdict::kPass;
  std::vector<Finding> findings;  // all that apply; a block is the only one
  std::vector<Undecided> undecided;
  std::vector<std::string> guidance;
};

/// local_time_hours, or what it is by item_count and local_rate.
std::optional<double> expected_hours(const planner::WorkloadDescription& workload);

/// Decides whether a workload should start on a machine. Pure: the same snapshot and workload give
/// the same decision. What is unknown, in either of them, neither warns nor blocks, and is listed.
Decision decide(const Snapshot& snapshot, const planner::WorkloadDescription& workload);

}  // namespace ingot::health
