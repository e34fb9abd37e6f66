#include "health/run_log.hpp"

#include <algorithm>

namespace ingot::health {

void Extremes::add(std::optional<double> value) {
  if (value) {
    least = std::min(*value, least.value_or(*value));
    most = std::max(*value, most.value_or(*value));
  }
}

void RunLog::add(double seconds, const Snapshot& snapshot, std::optional<double> rss_gb) {
  Extremes gpus;
  for (const Gpu& gpu : snapshot.gpus) {
    gpus.add(gpu.temperature_c.value);
  }
  mem_available_pct_.add(snapshot.mem_available_pct.value);
  cpu_speed_limit_.add(snapshot.cpu_speed_limit.value);
  load_avg_1min_.add(snapshot.load_avg_1min.value);
  temperature_c_.add(snapshot.cpu_temperature_c.value);
  temperature_c_.add(gpus.most);
  rss_gb_.add(rss_gb);
  if (samples_++ % stride_ != 0) {
    return;
  }
  if (points_.size() == kMostPoints) {
    for (size_t i = 0; 2 * i < points_.size(); ++i) {
      points_[i] = points_[2 * i];
    }
    points_.resize(kMostPoints / 2);
    stride_ *= 2;
  }
  points_.push_back({seconds,
                     snapshot.mem_available_pct.value,
                     snapshot.cpu_speed_limit.value,
                     snapshot.load_avg_1min.value,
                     snapshot.cpu_temperature_c.value,
                     gpus.most,
                     rss_gb});
}

void RunLog::add(const Event& event) {
  if (events_.size() < kMostEvents) {
    events_.push_back(event);
  }
}

}  // namespace ingot::health
