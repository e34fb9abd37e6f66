// What was seen of the machine during a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "health/snapshot.hpp"
#include "health/watch_rules.hpp"

namespace ingot::health {

/// A crossing, and when: seconds since the run began.
struct Event {
  double seconds = 0;
  Crossing crossing;
};

/// What charts show of one sample.
struct RunPoint {
  double seconds = 0;
  std::optional<double> mem_available_pct;
  std::optional<double> cpu_speed_limit;
  std::optional<double> load_avg_1min;
  std::optional<double> cpu_temperature_c;
  std::optional<double> gpu_temperature_c;  // of the hottest
  std::optional<double> rss_gb;
};

/// A value's extremes over all samples.
struct Extremes {
  std::optional<double> least, most;

  void add(std::optional<double> value);
};

class RunLog {
 public:
  /// Samples beyond this many are thinned: each second one is forgotten, and from then on each
  /// second one is kept. So a log stays small however long the run is; extremes know all samples.
  static constexpr size_t kMostPoints = 4096;
  static constexpr size_t kMostEvents = 10000;

  void add(double seconds, const Snapshot& snapshot, std::optional<double> rss_gb);
  void add(const Event& event);

  const std::vector<RunPoint>& points() const { return points_; }
  const std::vector<Event>& events() const { return events_; }
  uint64_t samples() const { return samples_; }
  const Extremes& mem_available_pct() const { return mem_available_pct_; }
  const Extremes& cpu_speed_limit() const { return cpu_speed_limit_; }
  const Extremes& load_avg_1min() const { return load_avg_1min_; }
  const Extremes& temperature_c() const { return temperature_c_; }  // of processor and GPUs
  const Extremes& rss_gb() const { return rss_gb_; }

 private:
  std::vector<RunPoint> points_;
  std::vector<Event> events_;
  uint64_t samples_ = 0;
  uint64_t stride_ = 1;  // samples for each point
  Extremes mem_available_pct_, cpu_speed_limit_, load_avg_1min_, temperature_c_, rss_gb_;
};

}  // namespace ingot::health
