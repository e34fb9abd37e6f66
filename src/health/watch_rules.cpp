#include "health/watch_rules.hpp"

#include "fmt/format.h"

namespace ingot::health {
namespace {

std::optional<bool> speed_below(const WatchFacts& facts, double threshold) {
  return facts.cpu_speed_limit ? std::optional(*facts.cpu_speed_limit < threshold) : std::nullopt;
}

std::optional<bool> pressure_at_least(const WatchFacts& facts, MemPressure pressure) {
  return facts.mem_pressure ? std::optional(*facts.mem_pressure >= pressure) : std::nullopt;
}

std::optional<bool> pressure_warns(const WatchFacts& facts, double) {
  return pressure_at_least(facts, MemPressure::kWarn);
}

std::optional<bool> pressure_is_critical(const WatchFacts& facts, double) {
  return pressure_at_least(facts, MemPressure::kCritical);
}

std::optional<bool> rss_above(const WatchFacts& facts, double threshold) {
  return facts.rss_gb && facts.machine_ram_gb
             ? std::optional(*facts.rss_gb > threshold / 100 * *facts.machine_ram_gb)
             : std::nullopt;
}

constexpr WatchRule kRules[] = {
    {"thermal_throttle",
     60,
     "cpu_speed_limit drops below {threshold}",
     "Thermal throttle at {cpu_speed_limit:.0f}%. Compute is slowed. Ensure ventilation.",
     "Thermal throttle has ended: CPU at {cpu_speed_limit:.0f}%.",
     speed_below},
    {"thermal_throttle_heavy",
     40,
     "cpu_speed_limit drops below {threshold}",
     "Heavy thermal throttle ({cpu_speed_limit:.0f}%). Move laptop to a cool, hard surface "
     "immediately — not your lap.",
     "Heavy thermal throttle has ended: CPU at {cpu_speed_limit:.0f}%.",
     speed_below},
    {"memory_warn",
     0,
     "mem_pressure changes to \"warn\"",
     "Memory pressure rising. System may become sluggish.",
     "Memory pressure is normal again.",
     pressure_warns},
    {"memory_critical",
     0,
     "mem_pressure changes to \"critical\"",
     "Memory critical — system will be unresponsive. Consider terminating workload.",
     "Memory is no longer critical.",
     pressure_is_critical},
    {"memory_ceiling",
     70,
     "RSS of the process tree exceeds {threshold}% of machine_ram_gb",
     "Process using {rss_gb:.1f} GB of {machine_ram_gb:.0f} GB. Approaching memory ceiling.",
     "Process using {rss_gb:.1f} GB of {machine_ram_gb:.0f} GB again.",
     rss_above},
};

}  // namespace

std::span<const WatchRule> watch_rules() {
  return kRules;
}

std::string condition_text(const WatchRule& rule) {
  return fmt::format(fmt::runtime(rule.condition), fmt::arg("threshold", rule.threshold));
}

CrossingDetector::CrossingDetector() : beyond_(std::size(kRules), false) {}

std::vector<Crossing> CrossingDetector::update(const WatchFacts& facts) {
  std::vector<Crossing> crossings;
  for (size_t i = 0; i < beyond_.size(); ++i) {
    const WatchRule& rule = kRules[i];
    const bool beyond = rule.beyond(facts, rule.threshold).value_or(beyond_[i]);
    if (beyond == beyond_[i]) {
      continue;
    }
    beyond_[i] = beyond;
    // What a rule's message names is known where the rule could be decided.
    crossings.push_back(
        {rule.code,
         !beyond,
         fmt::format(fmt::runtime(beyond ? rule.message : rule.recovered),
                     fmt::arg("cpu_speed_limit", facts.cpu_speed_limit.value_or(0)),
                     fmt::arg("rss_gb", facts.rss_gb.value_or(0)),
                     fmt::arg("machine_ram_gb", facts.machine_ram_gb.value_or(0)))});
  }
  return crossings;
}

}  // namespace ingot::health
