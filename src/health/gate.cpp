#include "health/gate.hpp"

#include <algorithm>
#include <array>

#include "fmt/args.h"
#include "fmt/format.h"

namespace ingot::health {
namespace {

constexpr double kSustainedHours = 0.5;
constexpr std::string_view kSustained =
    "For sustained compute (> 30 minutes), use AC power and a ventilated surface from the start.";

// Calls visit(name, optional) for each fact.
template <class Visit>
void for_each_fact(const GateFacts& facts, Visit&& visit) {
  visit("mem_pressure", facts.mem_pressure);
  visit("mem_available_pct", facts.mem_available_pct);
  visit("cpu_speed_limit", facts.cpu_speed_limit);
  visit("power_source", facts.power_source);
  visit("load_avg_1min", facts.load_avg_1min);
  visit("num_cores", facts.num_cores);
  visit("top_process_rss_gb", facts.top_process_rss_gb);
  visit("top_process_name", facts.top_process_name);
  visit("machine_ram_gb", facts.machine_ram_gb);
  visit("data_size_gb", facts.data_size_gb);
  visit("local_time_hours", facts.local_time_hours);
  visit("gpu_speed_limit", facts.gpu_speed_limit);
  visit("gpu_name", facts.gpu_name);
}

GateFacts facts_of(const Snapshot& snapshot, const planner::WorkloadDescription& workload) {
  GateFacts facts;
  facts.mem_pressure = snapshot.mem_pressure.value;
  facts.mem_available_pct = snapshot.mem_available_pct.value;
  facts.cpu_speed_limit = snapshot.cpu_speed_limit.value;
  facts.power_source = snapshot.power_source.value;
  facts.load_avg_1min = snapshot.load_avg_1min.value;
  facts.num_cores = snapshot.num_cores.value;
  if (facts.load_avg_1min && facts.num_cores) {
    facts.cpu_saturation = *facts.load_avg_1min / *facts.num_cores;
  }
  facts.top_process_rss_gb = snapshot.top_process_rss_gb.value;
  facts.top_process_name = snapshot.top_process_name.value;
  facts.machine_ram_gb =
      workload.machine_ram_gb ? workload.machine_ram_gb : snapshot.machine_ram_gb.value;
  facts.data_size_gb = workload.data_size_gb;
  facts.local_time_hours = expected_hours(workload);
  for (const Gpu& gpu : snapshot.gpus) {
    const auto& limit = gpu.speed_limit_pct.value;
    // The slowest of those that are known; of none known, the first.
    if (!facts.gpu_name || (limit && limit < facts.gpu_speed_limit.value_or(101))) {
      facts.gpu_name = gpu.name.value.value_or("GPU");
      facts.gpu_speed_limit = limit;
    }
  }
  return facts;
}

std::string message_of(const GateRule& rule, const GateFacts& facts) {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  bool complete = true;
  for_each_fact(facts, [&](const char* name, const auto& fact) {
    if (!fact) {
      complete = complete && rule.message.find(fmt::format("{{{}", name)) == std::string_view::npos;
    } else if constexpr (std::is_enum_v<std::decay_t<decltype(*fact)>>) {
      arguments.push_back(fmt::arg(name, to_string(*fact)));
    } else {
      arguments.push_back(fmt::arg(name, *fact));
    }
  });
  return fmt::vformat(complete ? rule.message : rule.short_message, arguments);
}

std::vector<std::string_view> missing_for(const GateRule& rule, const GateFacts& facts) {
  std::vector<std::string_view> missing;
  for_each_fact(facts, [&](std::string_view name, const auto& fact) {
    if (!fact && std::ranges::find(rule.needs, name) != rule.needs.end()) {
      missing.push_back(name);
    }
  });
  return missing;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"pass", "warn", "block"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string condition_text(const GateRule& rule) {
  return fmt::format(fmt::runtime(rule.condition), fmt::arg("threshold", rule.threshold));
}

std::optional<double> expected_hours(const planner::WorkloadDescription& workload) {
  if (!workload.local_time_hours && workload.item_count && workload.local_rate) {
    return *workload.item_count / *workload.local_rate / 3600;
  }
  return workload.local_time_hours;
}

Decision decide(const Snapshot& snapshot, const planner::WorkloadDescription& workload) {
  const GateFacts facts = facts_of(snapshot, workload);
  Decision decision;
  bool thermal = false;
  for (const GateRule& rule : gate_rules()) {
    const std::optional<bool> applies = rule.applies(facts, rule.threshold);
    if (!applies) {
      decision.undecided.push_back({rule.code, missing_for(rule, facts)});
    }
    if (!applies.value_or(false)) {
      continue;
    }
    decision.findings.push_back({rule.code, rule.severity, message_of(rule, facts)});
    decision.verdict = std::max(decision.verdict, rule.severity);
    thermal = thermal || rule.thermal;
    if (rule.severity == Verdict::kBlock) {
      return decision;
    }
  }
  if (thermal) {
    decision.guidance.assign(cooling_guidance().begin(), cooling_guidance().end());
  }
  if (facts.local_time_hours.value_or(0) > kSustainedHours) {
    decision.guidance.emplace_back(kSustained);
  }
  return decision;
}

}  // namespace ingot::health
