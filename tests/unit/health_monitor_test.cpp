// The watchdog: thresholds, intervals, and its thread by a clock that the test moves.
#include <deque>
#include <stdexcept>

#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "health/monitor.hpp"

namespace ingot::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

std::vector<std::string> messages(const std::vector<Crossing>& crossings) {
  std::vector<std::string> result;
  for (const Crossing& crossing : crossings) {
    result.push_back(crossing.message);
  }
  return result;
}

WatchFacts speed(std::optional<double> percent) {
  return {.cpu_speed_limit = percent};
}
WatchFacts pressure(MemPressure value) {
  return {.mem_pressure = value};
}

TEST(HealthWatchRules, EachThresholdOfSpeedIsToldOncePerCrossing) {
  CrossingDetector detector;
  EXPECT_THAT(detector.update(speed(60)), IsEmpty());
  EXPECT_THAT(messages(detector.update(speed(59))),
              ElementsAre("Thermal throttle at 59%. Compute is slowed. Ensure ventilation."));
  EXPECT_THAT(detector.update(speed(41)), IsEmpty());
  EXPECT_THAT(messages(detector.update(speed(39))),
              ElementsAre("Heavy thermal throttle (39%). Move laptop to a cool, hard surface "
                          "immediately — not your lap."));
  EXPECT_THAT(detector.update(speed(30)), IsEmpty());
  const auto back = detector.update(speed(95));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_TRUE(back[0].recovered && back[1].recovered);
  EXPECT_THAT(detector.update(speed(95)), IsEmpty());
  EXPECT_EQ(detector.update(speed(35)).size(), 2u);  // both at once
}

TEST(HealthWatchRules, ChangesOfMemoryPressure) {
  CrossingDetector detector;
  EXPECT_THAT(detector.update(pressure(MemPressure::kNormal)), IsEmpty());
  EXPECT_THAT(messages(detector.update(pressure(MemPressure::kWarn))),
              ElementsAre("Memory pressure rising. System may become sluggish."));
  EXPECT_THAT(detector.update(pressure(MemPressure::kWarn)), IsEmpty());
  EXPECT_THAT(messages(detector.update(pressure(MemPressure::kCritical))),
              ElementsAre("Memory critical — system will be unresponsive. Consider terminating "
                          "workload."));
  EXPECT_THAT(messages(detector.update(pressure(MemPressure::kWarn))),
              ElementsAre("Memory is no longer critical."));
  EXPECT_THAT(messages(detector.update(pressure(MemPressure::kNormal))),
              ElementsAre("Memory pressure is normal again."));
}

TEST(HealthWatchRules, MemoryOfTheProcesses) {
  CrossingDetector detector;
  const auto rss = [](double gb) { return WatchFacts{.rss_gb = gb, .machine_ram_gb = 24}; };
  EXPECT_THAT(detector.update(rss(16.79)), IsEmpty());
  EXPECT_THAT(messages(detector.update(rss(16.81))),
              ElementsAre("Process using 16.8 GB of 24 GB. Approaching memory ceiling."));
  EXPECT_THAT(detector.update(rss(23)), IsEmpty());
  EXPECT_TRUE(detector.update(rss(3)).at(0).recovered);
}

TEST(HealthWatchRules, AnUnknownSignalChangesNothing) {
  CrossingDetector detector;
  EXPECT_THAT(detector.update({}), IsEmpty());
  EXPECT_EQ(detector.update(speed(50)).size(), 1u);
  EXPECT_THAT(detector.update(speed({})), IsEmpty());
  EXPECT_THAT(detector.update(speed(50)), IsEmpty());
}

TEST(HealthWatchRules, ConditionsAreTexts) {
  EXPECT_EQ(condition_text(watch_rules()[0]), "cpu_speed_limit drops below 60");
  for (const WatchRule& rule : watch_rules()) {
    EXPECT_EQ(condition_text(rule).find_first_of("{}"), std::string::npos);
  }
}

TEST(HealthMonitor, Intervals) {
  EXPECT_EQ(watch_interval(9.0 / 60, 1h), 30s);
  EXPECT_EQ(watch_interval(10.0 / 60, 0s), 2min);
  EXPECT_EQ(watch_interval(5, 0s), 2min);
  // Not known: by the time that has passed.
  EXPECT_EQ(watch_interval({}, 0s), 30s);
  EXPECT_EQ(watch_interval({}, 599s), 30s);
  EXPECT_EQ(watch_interval({}, 600s), 2min);
}

// Time stands still until the test moves it, and the test knows when the monitor waits for it.
class ManualClock : public Clock {
 public:
  TimePoint now() override { return TimePoint(since_.load()); }

  void wait_until(std::unique_lock<std::mutex>& lock,
                  std::condition_variable& changed,
                  TimePoint deadline) override {
    {
      const std::lock_guard own(mutex_);
      monitor_ = lock.mutex();
      changed_ = &changed;
      deadline_ = deadline;
      ++waits_;
    }
    waiting_.notify_all();
    changed.wait(lock);
  }

  // Waits until the monitor does, moves to its deadline, and gives the interval.
  std::chrono::nanoseconds step() {
    std::unique_lock own(mutex_);
    waiting_.wait(own, [&] { return waits_ > seen_; });
    seen_ = waits_;
    const auto interval = deadline_ - now();
    const TimePoint deadline = deadline_;
    std::condition_variable& changed = *changed_;
    std::mutex& monitor = *monitor_;
    own.unlock();
    const std::lock_guard lock(monitor);  // it waits, and so cannot miss the notice
    since_ = deadline.time_since_epoch();
    changed.notify_all();
    return interval;
  }

  void wait_for_monitor() {
    std::unique_lock own(mutex_);
    waiting_.wait(own, [&] { return waits_ > seen_; });
  }

 private:
  std::atomic<std::chrono::nanoseconds> since_{0ns};
  std::mutex mutex_;
  std::condition_variable waiting_;
  std::mutex* monitor_ = nullptr;
  std::condition_variable* changed_ = nullptr;
  TimePoint deadline_;
  int waits_ = 0;
  int seen_ = 0;
};

Snapshot at_speed(double percent) {
  Snapshot snapshot;
  snapshot.cpu_speed_limit = known(percent, "test");
  snapshot.machine_ram_gb = known(16.0, "test");
  return snapshot;
}

TEST(HealthMonitor, SamplesAtItsIntervalsAndTellsOfEvents) {
  const auto clock = std::make_shared<ManualClock>();
  std::deque<double> speeds = {100, 55, 52, 30, 90, 90};
  std::vector<Event> seen;
  MonitorOptions options;
  options.interval = 10s;
  options.clock = clock;
  options.process = 42;
  options.rss_gb = [](pid_t process) { return process == 42 ? 1.5 : 0; };
  options.sample = [&] {
    const double percent = speeds.front();
    speeds.pop_front();
    return at_speed(percent);
  };
  options.on_event = [&](const Event& event) { seen.push_back(event); };
  HealthMonitor monitor(options);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(clock->step(), 10s);
  }
  clock->wait_for_monitor();
  monitor.stop();

  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].crossing.code, "thermal_throttle");
  EXPECT_EQ(seen[0].seconds, 10);
  EXPECT_EQ(seen[1].crossing.code, "thermal_throttle_heavy");
  EXPECT_EQ(seen[1].seconds, 30);
  EXPECT_TRUE(seen[2].crossing.recovered && seen[3].crossing.recovered);
  const RunLog log = monitor.log();
  EXPECT_EQ(log.samples(), 6u);  // one at the beginning, four, and one at the end
  EXPECT_EQ(log.events().size(), 4u);
  EXPECT_EQ(log.points()[3].seconds, 30);
  EXPECT_THAT(log.cpu_speed_limit().least, Optional(30.0));
  EXPECT_THAT(log.cpu_speed_limit().most, Optional(100.0));
  EXPECT_THAT(log.rss_gb().most, Optional(1.5));
}

TEST(HealthMonitor, SlowsDownWhenTheRunTurnsOutLong) {
  const auto clock = std::make_shared<ManualClock>();
  MonitorOptions options;
  options.clock = clock;
  options.sample = [] { return at_speed(100); };
  HealthMonitor monitor(options);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(clock->step(), 30s) << i;
  }
  EXPECT_EQ(clock->step(), 2min);
}

TEST(HealthMonitor, StopsAtOnceAndTwice) {
  MonitorOptions options;
  options.interval = 24h;
  options.sample = [] { return at_speed(100); };
  HealthMonitor monitor(options);
  monitor.stop();
  EXPECT_EQ(monitor.log().samples(), 2u);
  monitor.stop();
}

TEST(HealthMonitor, SeveralRunAtOnce) {
  std::vector<std::unique_ptr<HealthMonitor>> monitors;
  for (int i = 0; i < 8; ++i) {
    MonitorOptions options;
    options.interval = 24h;
    options.sample = [i] { return at_speed(i); };
    monitors.push_back(std::make_unique<HealthMonitor>(options));
  }
  for (int i = 0; i < 8; ++i) {
    monitors[static_cast<size_t>(i)]->stop();
    EXPECT_THAT(monitors[static_cast<size_t>(i)]->log().cpu_speed_limit().most, Optional(1.0 * i));
  }
}

TEST(HealthMonitor, ExceptionsLeaveTheProcessAlive) {
  const auto clock = std::make_shared<ManualClock>();
  int samples = 0;
  MonitorOptions options;
  options.interval = 1s;
  options.clock = clock;
  options.sample = [&]() -> Snapshot {
    if (++samples == 1) {
      throw std::runtime_error("no sample");
    }
    return at_speed(10);
  };
  options.on_event = [](const Event&) { throw std::runtime_error("no listener"); };
  HealthMonitor monitor(options);
  clock->step();
  clock->wait_for_monitor();
  EXPECT_EQ(monitor.log().samples(), 1u);
  EXPECT_EQ(monitor.log().events().size(), 2u);
}

TEST(HealthMonitor, WatchesThisMachineByItself) {
  HealthMonitor monitor({.interval = 1h});
  monitor.stop();
  EXPECT_THAT(monitor.log().mem_available_pct().least, testing::Optional(testing::Gt(0.0)));
  EXPECT_THAT(monitor.log().rss_gb().least, testing::Optional(testing::Gt(0.0)));
}

TEST(HealthRunLog, LongRunsAreThinnedEvenly) {
  RunLog log;
  constexpr uint64_t kSamples = 3 * RunLog::kMostPoints + 5;
  for (uint64_t i = 0; i < kSamples; ++i) {
    log.add(static_cast<double>(i), at_speed(i == 777 ? 1 : 100), {});
  }
  EXPECT_EQ(log.samples(), kSamples);
  EXPECT_LE(log.points().size(), RunLog::kMostPoints);
  EXPECT_GT(log.points().size(), RunLog::kMostPoints / 2);
  EXPECT_THAT(log.cpu_speed_limit().least, Optional(1.0));  // although its point is gone
  for (size_t i = 0; i < log.points().size(); ++i) {
    EXPECT_EQ(log.points()[i].seconds, 4.0 * static_cast<double>(i));
  }
}

}  // namespace
}  // namespace ingot::health
