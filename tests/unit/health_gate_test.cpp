// Every branch of the gate, and its messages to the letter.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "health/gate.hpp"
#include "health/thermal_level.hpp"

namespace ingot::health {
namespace {

using planner::WorkloadDescription;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
Signal<T> is(T value) {
  return known(std::move(value), "test");
}

// A machine that nothing is wrong with.
Snapshot healthy() {
  Snapshot s;
  s.mem_pressure = is(MemPressure::kNormal);
  s.mem_available_pct = is(45.0);
  s.cpu_speed_limit = is(100.0);
  s.power_source = is(PowerSource::kAc);
  s.load_avg_1min = is(1.0);
  s.num_cores = is(10.0);
  s.top_process_rss_gb = is(6.2);
  s.top_process_name = is(std::string("Google Chrome"));
  s.machine_ram_gb = is(24.0);
  return s;
}

WorkloadDescription workload(double gb, double hours) {
  WorkloadDescription w;
  w.machine_ram_gb = 24;
  w.data_size_gb = gb;
  w.local_time_hours = hours;
  return w;
}

const WorkloadDescription kSmall = workload(1, 0.1);

std::vector<std::string> codes(const Decision& decision) {
  std::vector<std::string> result;
  for (const Finding& finding : decision.findings) {
    result.emplace_back(finding.code);
  }
  return result;
}

TEST(HealthGate, AHealthyMachinePasses) {
  const Decision decision = decide(healthy(), kSmall);
  EXPECT_EQ(decision.verdict, Verdict::kPass);
  EXPECT_THAT(decision.findings, IsEmpty());
  EXPECT_THAT(decision.undecided, IsEmpty());
  EXPECT_THAT(decision.guidance, IsEmpty());
}

TEST(HealthGate, CriticalMemoryBlocksAndIsTheOnlyFinding) {
  Snapshot s = healthy();
  s.mem_pressure = is(MemPressure::kCritical);
  s.cpu_speed_limit = is(50.0);
  const Decision decision = decide(s, kSmall);
  EXPECT_EQ(decision.verdict, Verdict::kBlock);
  ASSERT_THAT(codes(decision), ElementsAre("memory_critical"));
  EXPECT_EQ(decision.findings[0].message,
            "System memory is critical — 6.2 GB used by Google Chrome. Close applications or "
            "reduce working set before proceeding.");
}

TEST(HealthGate, ElevatedMemoryWarnsForALargeWorkload) {
  Snapshot s = healthy();
  s.mem_pressure = is(MemPressure::kWarn);
  // 45 % of 24 GB, half of it: 5.4 GB.
  EXPECT_EQ(decide(s, workload(5.4, 0.1)).verdict, Verdict::kPass);
  const Decision decision = decide(s, workload(5.41, 0.1));
  EXPECT_EQ(decision.verdict, Verdict::kWarn);
  ASSERT_THAT(codes(decision), ElementsAre("memory_warn"));
  EXPECT_EQ(decision.findings[0].message,
            "Memory pressure is elevated. This workload may cause swapping and degrade the entire "
            "system. Consider closing Google Chrome (6.2 GB) first.");
}

TEST(HealthGate, TheMachinesMemoryCountsWhereTheWorkloadDoesNotSay) {
  Snapshot s = healthy();
  s.mem_pressure = is(MemPressure::kWarn);
  WorkloadDescription w = workload(5.41, 0.1);
  w.machine_ram_gb.reset();
  EXPECT_THAT(codes(decide(s, w)), ElementsAre("memory_warn"));
  s.machine_ram_gb = is(96.0);
  EXPECT_THAT(codes(decide(s, w)), IsEmpty());
}

TEST(HealthGate, AThrottledProcessorWarnsWithCoolingGuidance) {
  Snapshot s = healthy();
  s.cpu_speed_limit = is(70.0);
  EXPECT_EQ(decide(s, kSmall).verdict, Verdict::kPass);
  s.cpu_speed_limit = is(69.0);
  const Decision decision = decide(s, kSmall);
  EXPECT_EQ(decision.verdict, Verdict::kWarn);
  ASSERT_THAT(codes(decision), ElementsAre("thermal_throttled"));
  EXPECT_EQ(decision.findings[0].message,
            "CPU is thermally throttled to 69% speed. Performance will be significantly degraded. "
            "Move the laptop to a hard, ventilated surface — not a lap, bed, or couch. A fan pad "
            "or elevated stand will help. Wait 2-3 minutes for thermals to recover before "
            "launching heavy compute.");
  EXPECT_EQ(decision.guidance.size(), cooling_guidance().size());
  EXPECT_EQ(cooling_guidance().size(), 5u);
}

TEST(HealthGate, AMildThrottleWarnsOnBatteryOnly) {
  Snapshot s = healthy();
  s.cpu_speed_limit = is(89.0);
  EXPECT_EQ(decide(s, kSmall).verdict, Verdict::kPass);
  s.power_source = is(PowerSource::kBattery);
  const Decision decision = decide(s, kSmall);
  ASSERT_THAT(codes(decision), ElementsAre("battery_throttled"));
  EXPECT_EQ(decision.findings[0].message,
            "Running on battery with mild thermal throttle (89%). Plug in for sustained "
            "performance — battery mode caps power delivery.");
  EXPECT_EQ(decision.guidance.size(), cooling_guidance().size());
  s.cpu_speed_limit = is(90.0);
  EXPECT_EQ(decide(s, kSmall).verdict, Verdict::kPass);
}

TEST(HealthGate, LongWorkWarnsOnBatteryOnly) {
  Snapshot s = healthy();
  EXPECT_EQ(decide(s, workload(1, 2)).verdict, Verdict::kPass);
  s.power_source = is(PowerSource::kBattery);
  EXPECT_EQ(decide(s, workload(1, 0.5)).verdict, Verdict::kPass);
  const Decision decision = decide(s, workload(1, 2));
  ASSERT_THAT(codes(decision), ElementsAre("battery_long"));
  EXPECT_EQ(decision.findings[0].message,
            "This workload will run 2.0h on battery. Plug in to avoid throttling and battery "
            "drain.");
}

TEST(HealthGate, TheTimeFollowsFromItemsAndRate) {
  Snapshot s = healthy();
  s.power_source = is(PowerSource::kBattery);
  WorkloadDescription w;
  w.item_count = 7200;
  w.local_rate = 1;
  EXPECT_THAT(expected_hours(w), testing::Optional(2.0));
  EXPECT_THAT(codes(decide(s, w)), ElementsAre("battery_long"));
}

TEST(HealthGate, AnOverloadedProcessorWarns) {
  Snapshot s = healthy();
  s.load_avg_1min = is(10.0);
  EXPECT_EQ(decide(s, kSmall).verdict, Verdict::kPass);
  s.load_avg_1min = is(12.34);
  const Decision decision = decide(s, kSmall);
  ASSERT_THAT(codes(decision), ElementsAre("cpu_overloaded"));
  EXPECT_EQ(decision.findings[0].message,
            "CPU is overloaded (load 12.3 across 10 cores). Other processes are competing for "
            "resources. Runtime estimates may be 2-3x longer than normal.");
}

TEST(HealthGate, AThrottledGpuWarns) {
  Snapshot s = healthy();
  Gpu cool;
  cool.name = is(std::string("NVIDIA A100"));
  cool.speed_limit_pct = is(100.0);
  s.gpus = {cool};
  EXPECT_EQ(decide(s, kSmall).verdict, Verdict::kPass);
  Gpu hot;
  hot.name = is(std::string("NVIDIA H200"));
  hot.speed_limit_pct = is(55.0);
  s.gpus.push_back(hot);
  const Decision decision = decide(s, kSmall);
  ASSERT_THAT(codes(decision), ElementsAre("thermal_throttled"));
  EXPECT_THAT(decision.findings[0].message,
              HasSubstr("NVIDIA H200 is thermally throttled to 55% speed."));
}

TEST(HealthGate, AllWarningsThatApplyAreReported) {
  Snapshot s = healthy();
  s.mem_pressure = is(MemPressure::kWarn);
  s.cpu_speed_limit = is(60.0);
  s.power_source = is(PowerSource::kBattery);
  s.load_avg_1min = is(30.0);
  EXPECT_THAT(codes(decide(s, workload(20, 3))),
              ElementsAre("memory_warn",
                          "thermal_throttled",
                          "battery_throttled",
                          "battery_long",
                          "cpu_overloaded"));
}

TEST(HealthGate, SustainedWorkIsAdvisedBeforeItStarts) {
  EXPECT_THAT(decide(healthy(), workload(1, 0.5)).guidance, IsEmpty());
  EXPECT_THAT(decide(healthy(), workload(1, 0.6)).guidance,
              ElementsAre(HasSubstr("AC power and a ventilated surface")));
}

// Example 6: a large FFT on a warm laptop on battery. Its 0.3 h are below the rule's 0.5 h.
TEST(HealthGate, AWarmLaptopOnBattery) {
  Snapshot s = healthy();
  s.cpu_speed_limit = is(78.0);
  s.power_source = is(PowerSource::kBattery);
  EXPECT_THAT(codes(decide(s, workload(1, 0.3))), ElementsAre("battery_throttled"));
  s.cpu_speed_limit = is(100.0);
  s.power_source = is(PowerSource::kAc);
  EXPECT_EQ(decide(s, workload(1, 0.3)).verdict, Verdict::kPass);
}

// Example 11: a simulation of 14 GB on a machine with memory pressure.
TEST(HealthGate, ASimulationUnderMemoryPressure) {
  Snapshot s = healthy();
  s.mem_pressure = is(MemPressure::kWarn);
  const Decision decision = decide(s, workload(14, 0.2));
  ASSERT_THAT(codes(decision), ElementsAre("memory_warn"));
  EXPECT_THAT(decision.findings[0].message, HasSubstr("closing Google Chrome (6.2 GB) first"));
  s.mem_pressure = is(MemPressure::kNormal);
  EXPECT_EQ(decide(s, workload(14, 0.2)).verdict, Verdict::kPass);
}

TEST(HealthGate, WhatIsUnknownNeitherWarnsNorIsFine) {
  const Decision decision = decide(Snapshot{}, {});
  EXPECT_EQ(decision.verdict, Verdict::kPass);
  EXPECT_THAT(decision.findings, IsEmpty());
  std::vector<std::string> undecided;
  for (const Undecided& rule : decision.undecided) {
    undecided.emplace_back(rule.code);
    EXPECT_FALSE(rule.missing.empty());
  }
  EXPECT_THAT(undecided,
              ElementsAre("memory_critical",
                          "memory_warn",
                          "thermal_throttled",
                          "battery_throttled",
                          "battery_long",
                          "cpu_overloaded"));
}

TEST(HealthGate, OneSignalAfterTheOtherIsUnknown) {
  Snapshot all = healthy();
  all.mem_pressure = is(MemPressure::kWarn);
  all.cpu_speed_limit = is(60.0);
  all.power_source = is(PowerSource::kBattery);
  all.load_avg_1min = is(30.0);
  const WorkloadDescription w = workload(20, 3);
  for_each_signal(all, [&](const SignalInfo& info, const auto&) {
    Snapshot s = all;
    for_each_signal(s, [&](const SignalInfo& other, auto& signal) {
      if (other.name == info.name) {
        signal.value.reset();
      }
    });
    const Decision decision = decide(s, w);
    EXPECT_NE(decision.verdict, Verdict::kBlock) << info.name;
    for (const GateRule& rule : gate_rules()) {
      const bool needs = std::ranges::find(rule.needs, info.name) != rule.needs.end() &&
                         info.name != "machine_ram_gb";  // the workload says it, too
      const auto found = codes(decision);
      if (needs) {
        EXPECT_EQ(std::ranges::count(found, rule.code), 0) << info.name << " " << rule.code;
      }
    }
  });
}

TEST(HealthGate, AFalseHalfOfAConditionDecidesIt) {
  Snapshot s = healthy();
  s.cpu_speed_limit = {};
  s.power_source = is(PowerSource::kAc);
  const Decision decision = decide(s, {});
  ASSERT_EQ(decision.undecided.size(), 1u);  // not battery_throttled, battery_long, memory_warn
  EXPECT_EQ(decision.undecided[0].code, "thermal_throttled");
  EXPECT_THAT(decision.undecided[0].missing, ElementsAre("cpu_speed_limit"));
}

TEST(HealthGate, MessagesDoWithoutAnUnknownProcess) {
  for (const bool no_name : {true, false}) {
    Snapshot s = healthy();
    (no_name ? s.top_process_name.value.reset() : s.top_process_rss_gb.value.reset());
    s.mem_pressure = is(MemPressure::kCritical);
    EXPECT_EQ(decide(s, kSmall).findings[0].message,
              "System memory is critical. Close applications or reduce working set before "
              "proceeding.");
    s.mem_pressure = is(MemPressure::kWarn);
    EXPECT_THAT(decide(s, workload(20, 0.1)).findings[0].message,
                HasSubstr("Consider closing other applications first."));
  }
}

TEST(HealthGate, TheTableOfRulesIsComplete) {
  std::set<std::string_view> seen;
  for (const GateRule& rule : gate_rules()) {
    seen.insert(rule.code);
    EXPECT_NE(rule.severity, Verdict::kPass);
    EXPECT_EQ(condition_text(rule).find_first_of("{}"), std::string::npos);
    for (const std::string_view need : rule.needs) {
      EXPECT_THAT(std::string(rule.condition), HasSubstr(std::string(need)));
    }
  }
  EXPECT_THAT(seen,
              ElementsAre("battery_long",
                          "battery_throttled",
                          "cpu_overloaded",
                          "memory_critical",
                          "memory_warn",
                          "thermal_throttled"));
  EXPECT_EQ(condition_text(gate_rules()[2]), "cpu_speed_limit < 70");
  EXPECT_EQ(condition_text(gate_rules()[6]), "load_avg_1min / num_cores > 1.0");
}

// The guide's tables are written by hand.
TEST(HealthGuide, SaysWhatTheTablesSay) {
  std::ifstream file(INGOT_TEST_DATA "/../../../docs/guide-health.md");
  const std::string guide{std::istreambuf_iterator<char>(file), {}};
  for (const GateRule& rule : gate_rules()) {
    EXPECT_THAT(guide,
                HasSubstr(fmt::format("| `{}` | {} |", rule.code, to_string(rule.severity))));
  }
  for (const ThermalLevelRow& row : kThermalLevels) {
    const std::string trip =
        row.level == ThermalLevel::kNominal
            ? " none reached "
            : fmt::format(" {}{}", row.trip_point, row.trip_point.empty() ? "" : " ");
    EXPECT_THAT(guide,
                HasSubstr(fmt::format("| {} |{}| {:.0f} |", row.name, trip, row.speed_limit)));
  }
}

}  // namespace
}  // namespace ingot::health
