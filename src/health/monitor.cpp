#include "health/monitor.hpp"

#include <unistd.h>

#include "health/sampler.hpp"

namespace ingot::health {
namespace {

constexpr std::chrono::seconds kShortRunInterval(30);
constexpr std::chrono::minutes kLongRunInterval(2);
constexpr std::chrono::minutes kLongRun(10);

// The biggest process matters before a run only, and takes most of a sample's time.
std::function<Snapshot()> machine() {
  return
      [sampler = std::make_shared<Sampler>()] { return sampler->sample({.top_process = false}); };
}

}  // namespace

std::chrono::nanoseconds watch_interval(std::optional<double> expected_hours,
                                        std::chrono::nanoseconds elapsed) {
  const std::chrono::duration<double, std::ratio<3600>> expected(expected_hours.value_or(0));
  const bool is_long = expected_hours ? expected >= kLongRun : elapsed >= kLongRun;
  return is_long ? std::chrono::nanoseconds(kLongRunInterval) : kShortRunInterval;
}

HealthMonitor::HealthMonitor(MonitorOptions options) : options_(std::move(options)) {
  if (options_.process == 0) {
    options_.process = getpid();
  }
  if (!options_.sample) {
    options_.sample = machine();
  }
  if (!options_.rss_gb) {
    options_.rss_gb = [](pid_t process) { return process_tree_rss_gb(process); };
  }
  if (options_.clock == nullptr) {
    options_.clock = std::make_shared<Clock>();
  }
  begin_ = options_.clock->now();
  thread_ = std::thread([this] { run(); });
}

HealthMonitor::~HealthMonitor() {
  stop();
}

void HealthMonitor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

RunLog HealthMonitor::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

// Samples at the beginning, at each deadline and at the end. A deadline missed, by a machine that
// slept, is not made up for.
void HealthMonitor::run() {
  sample_once();
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    const Clock::TimePoint now = options_.clock->now();
    const auto interval =
        options_.interval.value_or(watch_interval(options_.expected_hours, now - begin_));
    const Clock::TimePoint deadline = now + interval;
    while (!stopping_ && options_.clock->now() < deadline) {
      options_.clock->wait_until(lock, changed_, deadline);
    }
    last = stopping_;
    lock.unlock();
    sample_once();
    lock.lock();
  }
}

// Trouble here must not end the work that is watched.
void HealthMonitor::sample_once() noexcept {
  try {
    for (const Event& event : take_sample()) {
      if (options_.on_event) {
        options_.on_event(event);
      }
    }
  } catch (...) {  // NOLINT: a sample less
  }
}

std::vector<Event> HealthMonitor::take_sample() {
  const Snapshot snapshot = options_.sample();
  const std::optional<double> rss_gb = options_.rss_gb(options_.process);
  const std::chrono::duration<double> elapsed = options_.clock->now() - begin_;
  const std::vector<Crossing> crossings = detector_.update({snapshot.cpu_speed_limit.value,
                                                            snapshot.mem_pressure.value,
                                                            rss_gb,
                                                            snapshot.machine_ram_gb.value});
  std::vector<Event> events;
  const std::lock_guard lock(mutex_);
  log_.add(elapsed.count(), snapshot, rss_gb);
  for (const Crossing& crossing : crossings) {
    log_.add(events.emplace_back(Event{elapsed.count(), crossing}));
  }
  return events;
}

}  // namespace ingot::health
