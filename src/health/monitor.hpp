// The watchdog: samples the machine while work runs, and tells of what it sees.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "health/run_log.hpp"
#include "health/snapshot.hpp"

namespace ingot::health {

/// What time is, for a monitor.
class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual TimePoint now() { return std::chrono::steady_clock::now(); }
  /// Waits for `changed` until `deadline`, holding `lock` as condition variables do; may return
  /// sooner.
  virtual void wait_until(std::unique_lock<std::mutex>& lock,
                          std::condition_variable& changed,
                          TimePoint deadline) {
    changed.wait_until(lock, deadline);
  }
};

/// The documents' intervals: 30 s for work under ten minutes, 2 minutes for longer. Where it is not
/// known how long the work will take, `elapsed` says what is known of it.
std::chrono::nanoseconds watch_interval(std::optional<double> expected_hours,
                                        std::chrono::nanoseconds elapsed);

struct MonitorOptions {
  /// Between samples; watch_interval when empty.
  std::optional<std::chrono::nanoseconds> interval = {};
  std::optional<double> expected_hours = {};
  /// Of the watched work; its memory is followed with that of its descendants. This process when 0.
  pid_t process = 0;
  /// Called on the monitor's thread for each event, one at a time. Exceptions end with that sample.
  std::function<void(const Event&)> on_event = {};

  // In place of the machine, for tests.
  std::function<Snapshot()> sample = {};
  std::function<std::optional<double>(pid_t)> rss_gb = {};
  std::shared_ptr<Clock> clock = {};
};

/// Samples on a thread of its own from construction to stop(). It holds no global state, so that
/// several may run at once, and never touches the work.
class HealthMonitor {
 public:
  explicit HealthMonitor(MonitorOptions options);
  /// Stops.
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

  /// Takes a last sample, ends the thread and waits for it: at most the time of a sample. May be
  /// called again, but not from on_event.
  void stop();

  /// What was seen so far. Safe at any time.
  RunLog log() const;

 private:
  void run();
  void sample_once() noexcept;
  std::vector<Event> take_sample();

  MonitorOptions options_;
  Clock::TimePoint begin_;
  CrossingDetector detector_;  // of the monitor's thread
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_, as the next
  RunLog log_;
  std::thread thread_;
};

}  // namespace ingot::health
