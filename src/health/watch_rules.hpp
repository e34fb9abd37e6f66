// What the watchdog tells during a run: thresholds, and when they are crossed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "health/snapshot.hpp"

namespace ingot::health {

/// What is looked at in each interval. `rss_gb` is that of the watched processes.
struct WatchFacts {
  std::optional<double> cpu_speed_limit = {};
  std::optional<MemPressure> mem_pressure = {};
  std::optional<double> rss_gb = {};
  std::optional<double> machine_ram_gb = {};
};

/// One threshold. Messages name WatchFacts in braces.
struct WatchRule {
  std::string_view code;
  double threshold;
  std::string_view condition;
  std::string_view message;    // when the threshold is crossed
  std::string_view recovered;  // when it is crossed back
  /// Nothing: it cannot be told from what is known.
  std::optional<bool> (*beyond)(const WatchFacts& facts, double threshold);
};

std::span<const WatchRule> watch_rules();

/// A rule's condition with its threshold: "cpu_speed_limit drops below 60".
std::string condition_text(const WatchRule& rule);

/// A crossing.
struct Crossing {
  std::string_view code;
  bool recovered;  // back to where all is well
  std::string message;
};

/// Which thresholds the samples of a run have crossed. A machine begins on the good side of each;
/// a signal that is unknown for a while leaves its thresholds as they were.
class CrossingDetector {
 public:
  CrossingDetector();

  /// The crossings since the sample before: one for each threshold at most.
  std::vector<Crossing> update(const WatchFacts& facts);

 private:
  std::vector<bool> beyond_;  // by rule
};

}  // namespace ingot::health
