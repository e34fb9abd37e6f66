// The sampler of Linux on trees of /proc and /sys.
#include <sys/wait.h>
#include <unistd.h>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "health/sampler.hpp"
#include "health/thermal_level.hpp"
#include "tests/unit/health_tree.hpp"

namespace ingot::health {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;

using Files = std::map<std::string, std::string>;

Files with(Files files, const Files& more) {
  for (const auto& [path, text] : more) {
    files[path] = text;
  }
  return files;
}

// A laptop with four cores: 16 GiB, half of them available, a quarter of the swap used.
const Files kLaptop = {
    {"proc/meminfo",
     "MemTotal:       16777216 kB\nMemFree:         1000000 kB\nMemAvailable:    8388608 kB\n"
     "SwapTotal:       4194304 kB\nSwapFree:        3145728 kB\n"},
    {"proc/pressure/memory",
     "some avg10=1.50 avg60=0.20 avg300=0.00 total=100\n"
     "full avg10=0.50 avg60=0.10 avg300=0.00 total=50\n"},
    {"proc/loadavg", "3.25 2.00 1.00 2/900 4242\n"},
    {"proc/self/status", "Name:\tingot\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n"},
    {"proc/self/cgroup", "0::/user.slice/session\n"},
    {"proc/10/statm", "100000 262144 5000 100 0 2000 0\n"},
    {"proc/10/comm", "chrome\n"},
    {"proc/2/statm", "0 0 0 0 0 0 0\n"},
    {"proc/2/comm", "kthreadd\n"},
    {"proc/300/statm", "90000 1000 500 100 0 2000 0\n"},
    {"proc/300/comm", "sh\n"},
    {"sys/devices/system/cpu/online", "0-3\n"},
    {"sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "4000000\n"},
    {"sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", "4000000\n"},
    {"sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "800000\n"},
    {"sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "7\n"},
    {"sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "5\n"},
    {"sys/class/thermal/thermal_zone0/type", "acpitz\n"},
    {"sys/class/thermal/thermal_zone0/temp", "45000\n"},
    {"sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n"},
    {"sys/class/thermal/thermal_zone1/temp", "61500\n"},
    {"sys/class/thermal/thermal_zone1/trip_point_0_type", "passive\n"},
    {"sys/class/thermal/thermal_zone1/trip_point_0_temp", "95000\n"},
    {"sys/class/thermal/thermal_zone1/trip_point_1_type", "critical\n"},
    {"sys/class/thermal/thermal_zone1/trip_point_1_temp", "105000\n"},
    {"sys/class/thermal/thermal_zone2/type", "iwlwifi_1\n"},
    {"sys/class/thermal/thermal_zone2/temp", "99000\n"},
    {"sys/class/power_supply/AC/type", "Mains\n"},
    {"sys/class/power_supply/AC/online", "0\n"},
    {"sys/class/power_supply/BAT0/type", "Battery\n"},
    {"sys/class/power_supply/BAT0/status", "Discharging\n"},
    {"sys/class/power_supply/BAT0/capacity", "83\n"},
};

TEST(HealthLinux, ALaptopOnBattery) {
  TemporaryTree tree(kLaptop);
  const Snapshot s = tree.read();
  EXPECT_EQ(s.mem_pressure.value, MemPressure::kNormal);
  EXPECT_THAT(s.mem_available_pct.value, Optional(50.0));
  EXPECT_THAT(s.machine_ram_gb.value, Optional(16.0));
  EXPECT_THAT(s.swap_used_pct.value, Optional(25.0));
  EXPECT_THAT(s.mem_stall_pct.value, Optional(1.5));
  EXPECT_THAT(s.load_avg_1min.value, Optional(3.25));
  EXPECT_THAT(s.num_cores.value, Optional(4.0));
  EXPECT_THAT(s.usable_cores.value, Optional(4.0));
  EXPECT_EQ(s.power_source.value, PowerSource::kBattery);
  EXPECT_THAT(s.battery_pct.value, Optional(83.0));
  EXPECT_THAT(s.cpu_temperature_c.value, Optional(61.5));
  EXPECT_THAT(s.cpu_throttle_events.value, Optional(12.0));
  // Idle cores run slowly: that is no throttle.
  EXPECT_THAT(s.cpu_speed_limit.value, Optional(100.0));
  EXPECT_THAT(s.top_process_rss_gb.value,
              Optional(262144.0 * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30)));
  EXPECT_THAT(s.top_process_name.value, Optional(std::string("chrome")));
}

// Recorded: cgroups of version 1 beside an unused version 2, no sensors, no swap.
TEST(HealthLinux, AVirtualMachine) {
  TemporaryTree tree(read_recording(INGOT_TEST_DATA "/health/virtual-machine.tree"));
  const Snapshot s = tree.read();
  EXPECT_EQ(s.mem_pressure.value, MemPressure::kNormal);
  EXPECT_THAT(s.machine_ram_gb.value, Optional(DoubleNear(23.5406, 1e-4)));
  EXPECT_THAT(s.mem_available_pct.value, Optional(DoubleNear(93.4970, 1e-4)));
  EXPECT_THAT(s.load_avg_1min.value, Optional(9.32));
  EXPECT_THAT(s.num_cores.value, Optional(2.0));
  EXPECT_THAT(s.usable_cores.value, Optional(2.0));
  EXPECT_THAT(s.top_process_name.value, Optional(std::string("init")));
  EXPECT_EQ(s.swap_used_pct.source, "there is no swap");
  for (const auto& signal : {s.cpu_speed_limit, s.cpu_temperature_c, s.battery_pct}) {
    EXPECT_FALSE(signal.known());
  }
  EXPECT_FALSE(s.power_source.known());
}

TEST(HealthLinux, AnEmptyMachineIsUnknownWithReasons) {
  TemporaryTree tree({});
  const Snapshot s = tree.read();
  for_each_signal(s, [](const SignalInfo& info, const auto& signal) {
    EXPECT_FALSE(signal.known()) << info.name;
    EXPECT_NE(signal.source, "") << info.name;
  });
}

TEST(HealthLinux, FilesOfNonsenseAreUnknown) {
  Files files;
  for (const auto& [path, text] : kLaptop) {
    files[path] = "\xff nonsense\n\n-";
  }
  TemporaryTree tree(files);
  const Snapshot s = tree.read();
  for_each_signal(s, [](const SignalInfo& info, const auto& signal) {
    if (info.name != "top_process_name") {
      EXPECT_FALSE(signal.known()) << info.name;
    }
  });
}

TEST(HealthLinux, MemoryPressureFromItsSigns) {
  const auto pressure = [](PressureSigns signs) { return mem_pressure_of(signs); };
  EXPECT_EQ(pressure({}), std::nullopt);
  EXPECT_EQ(pressure({.available_pct = 4.9}), MemPressure::kCritical);
  EXPECT_EQ(pressure({.available_pct = 5}), MemPressure::kWarn);
  EXPECT_EQ(pressure({.available_pct = 14.9}), MemPressure::kWarn);
  EXPECT_EQ(pressure({.available_pct = 15}), MemPressure::kNormal);
  EXPECT_EQ(pressure({.some_stall_pct = 9.9}), MemPressure::kNormal);
  EXPECT_EQ(pressure({.some_stall_pct = 10}), MemPressure::kWarn);
  EXPECT_EQ(pressure({.available_pct = 80, .some_stall_pct = 30, .full_stall_pct = 20}),
            MemPressure::kCritical);
  EXPECT_EQ(pressure({.available_pct = 29, .swap_used_pct = 90}), MemPressure::kWarn);
  EXPECT_EQ(pressure({.available_pct = 29, .swap_used_pct = 89}), MemPressure::kNormal);
  EXPECT_EQ(pressure({.available_pct = 31, .swap_used_pct = 100}), MemPressure::kNormal);
}

TEST(HealthLinux, WithoutPressureFilesMemoryAloneDecides) {
  Files files = kLaptop;
  files.erase("proc/pressure/memory");
  TemporaryTree tree(files);
  const Snapshot s = tree.read();
  EXPECT_EQ(s.mem_pressure.value, MemPressure::kNormal);
  EXPECT_THAT(s.mem_pressure.source, HasSubstr("no /proc/pressure/memory"));
  EXPECT_FALSE(s.mem_stall_pct.known());
}

TEST(HealthLinux, AContainersLimitsCount) {
  TemporaryTree tree(with(kLaptop,
                          {{"proc/self/cgroup", "1:name=systemd:/x\n0::/\n"},
                           {"sys/fs/cgroup/memory.max", "4294967296\n"},
                           {"sys/fs/cgroup/memory.current", "3221225472\n"},
                           {"sys/fs/cgroup/memory.stat", "anon 5\ninactive_file 1073741824\n"},
                           {"sys/fs/cgroup/cpu.max", "150000 100000\n"}}));
  const Snapshot s = tree.read();
  EXPECT_THAT(s.machine_ram_gb.value, Optional(4.0));
  EXPECT_THAT(s.mem_available_pct.value, Optional(50.0));  // the cache can be dropped
  EXPECT_THAT(s.mem_available_pct.source, HasSubstr("cgroup"));
  EXPECT_THAT(s.usable_cores.value, Optional(1.5));
  EXPECT_THAT(s.num_cores.value, Optional(4.0));  // the load average is the machine's, too
}

TEST(HealthLinux, TheTightestGroupAboveCounts) {
  TemporaryTree tree(with(kLaptop,
                          {{"sys/fs/cgroup/user.slice/session/memory.max", "max\n"},
                           {"sys/fs/cgroup/user.slice/session/cpu.max", "max 100000\n"},
                           {"sys/fs/cgroup/user.slice/memory.max", "8589934592\n"},
                           {"sys/fs/cgroup/user.slice/memory.current", "0\n"},
                           {"sys/fs/cgroup/user.slice/cpu.max", "200000 100000\n"}}));
  const Snapshot s = tree.read();
  EXPECT_THAT(s.machine_ram_gb.value, Optional(8.0));
  EXPECT_THAT(s.mem_available_pct.value, Optional(100.0));
  EXPECT_THAT(s.usable_cores.value, Optional(2.0));
}

TEST(HealthLinux, AGroupOutsideOfTheContainerIsPassedOver) {
  TemporaryTree tree(with(kLaptop, {{"proc/self/cgroup", "0::/../../elsewhere\n"}}));
  EXPECT_THAT(tree.read().machine_ram_gb.value, Optional(16.0));
}

TEST(HealthLinux, AffinityLeavesFewerCores) {
  TemporaryTree tree(with(kLaptop, {{"proc/self/status", "Cpus_allowed_list:\t0,2-3\n"}}));
  const Snapshot s = tree.read();
  EXPECT_THAT(s.usable_cores.value, Optional(3.0));
  EXPECT_THAT(s.num_cores.value, Optional(4.0));
}

TEST(HealthLinux, ALowerHighestFrequencyIsALimit) {
  TemporaryTree tree(
      with(kLaptop, {{"sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", "2600000\n"}}));
  EXPECT_THAT(tree.read().cpu_speed_limit.value, Optional(65.0));
}

TEST(HealthLinux, TheSlowestPolicyCounts) {
  TemporaryTree tree(
      with(kLaptop,
           {{"sys/devices/system/cpu/cpufreq/policy4/cpuinfo_max_freq", "2000000\n"},
            {"sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq", "1000000\n"}}));
  EXPECT_THAT(tree.read().cpu_speed_limit.value, Optional(50.0));
}

TEST(HealthLinux, CountersThatRiseMakeTheFrequencyCount) {
  TemporaryTree tree(kLaptop);
  EXPECT_THAT(tree.read().cpu_speed_limit.value, Optional(100.0));
  tree.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "8\n");
  EXPECT_THAT(tree.read().cpu_speed_limit.value, Optional(20.0));  // 800 MHz of 4 GHz
  EXPECT_THAT(tree.read().cpu_speed_limit.value, Optional(100.0));
}

TEST(HealthLinux, TripPointsStandForThermalLevels) {
  Files files = kLaptop;
  std::erase_if(files,
                [](const auto& file) { return file.first.find("cpufreq") != std::string::npos; });
  const auto limit_at = [&](const std::string& temperature) {
    TemporaryTree tree(with(files,
                            {{"sys/class/thermal/thermal_zone1/temp", temperature},
                             {"sys/class/thermal/thermal_zone1/trip_point_2_type", "hot"},
                             {"sys/class/thermal/thermal_zone1/trip_point_2_temp", "100000"},
                             {"sys/class/thermal/thermal_zone1/trip_point_3_type", "active"},
                             {"sys/class/thermal/thermal_zone1/trip_point_3_temp", "1000"}}));
    return tree.read().cpu_speed_limit.value;
  };
  EXPECT_THAT(limit_at("61500"), Optional(row_of(ThermalLevel::kNominal).speed_limit));
  EXPECT_THAT(limit_at("95000"), Optional(row_of(ThermalLevel::kModerate).speed_limit));
  EXPECT_THAT(limit_at("100000"), Optional(row_of(ThermalLevel::kTrapping).speed_limit));
  EXPECT_THAT(limit_at("105000"), Optional(row_of(ThermalLevel::kSleeping).speed_limit));
}

TEST(HealthLinux, TheTableOfThermalLevelsKeepsTheThresholdsMeaning) {
  const auto percent = [](ThermalLevel level) { return row_of(level).speed_limit; };
  for (size_t i = 0; i < kThermalLevels.size(); ++i) {
    EXPECT_EQ(kThermalLevels[i].level, static_cast<ThermalLevel>(i));
  }
  EXPECT_EQ(percent(ThermalLevel::kNominal), 100);
  EXPECT_TRUE(percent(ThermalLevel::kModerate) < 90 && percent(ThermalLevel::kModerate) >= 70);
  EXPECT_TRUE(percent(ThermalLevel::kHeavy) < 70 && percent(ThermalLevel::kHeavy) >= 60);
  EXPECT_TRUE(percent(ThermalLevel::kTrapping) < 60 && percent(ThermalLevel::kTrapping) >= 40);
  EXPECT_LT(percent(ThermalLevel::kSleeping), 40);
}

TEST(HealthLinux, SensorsOfChipsAreTemperaturesToo) {
  TemporaryTree tree({{"sys/class/hwmon/hwmon0/name", "nvme\n"},
                      {"sys/class/hwmon/hwmon0/temp1_input", "80000\n"},
                      {"sys/class/hwmon/hwmon1/name", "k10temp\n"},
                      {"sys/class/hwmon/hwmon1/temp1_input", "52125\n"}});
  const Snapshot s = tree.read();
  EXPECT_THAT(s.cpu_temperature_c.value, Optional(52.125));
  EXPECT_THAT(s.cpu_temperature_c.source, HasSubstr("k10temp"));
}

TEST(HealthLinux, PowerSources) {
  const std::string at = "sys/class/power_supply/";
  const auto source = [](const Files& files) {
    return TemporaryTree(files).read().power_source.value;
  };
  EXPECT_EQ(source({{at + "AC/type", "Mains"}, {at + "AC/online", "1"}}), PowerSource::kAc);
  EXPECT_EQ(source({{at + "BAT0/type", "Battery"}, {at + "BAT0/status", "Charging"}}),
            PowerSource::kAc);
  EXPECT_EQ(source({{at + "BAT0/type", "Battery"}, {at + "BAT0/status", "Full"}}),
            PowerSource::kAc);
  EXPECT_EQ(source({{at + "BAT0/type", "Battery"}, {at + "BAT0/status", "Unknown"}}), std::nullopt);
  EXPECT_EQ(source({{at + "ucsi/type", "USB"},
                    {at + "ucsi/online", "1"},
                    {at + "BAT0/type", "Battery"},
                    {at + "BAT0/status", "Discharging"}}),
            PowerSource::kAc);
  EXPECT_EQ(source({{at + "ucsi/type", "USB"},
                    {at + "ucsi/online", "0"},
                    {at + "BAT0/type", "Battery"},
                    {at + "BAT0/status", "Discharging"}}),
            PowerSource::kBattery);
  // A mouse's battery is not the machine's.
  EXPECT_EQ(source({{at + "hid/type", "Battery"},
                    {at + "hid/scope", "Device"},
                    {at + "hid/status", "Discharging"}}),
            std::nullopt);
}

TEST(HealthLinux, Lists) {
  EXPECT_THAT(count_of_list("0-3,8,10-11"), Optional(7));
  EXPECT_THAT(count_of_list("\t0"), Optional(1));
  for (const char* wrong : {"", "a", "3-1", "0-", "-", "1,x", "99999999999999999999"}) {
    EXPECT_EQ(count_of_list(wrong), std::nullopt) << wrong;
  }
}

TEST(HealthLinux, TooManyProcessesAreNotAllLookedAt) {
  Files files;
  for (int pid = 1; pid <= 200; ++pid) {
    files[fmt::format("proc/{}/statm", pid)] = fmt::format("9 {} 1", 1000 * pid);
  }
  TemporaryTree tree(files);
  Snapshot s;
  read_top_process(tree.tree(), std::chrono::steady_clock::time_point::max(), s);
  EXPECT_THAT(s.top_process_rss_gb.source, testing::Eq("/proc/200/statm"));
  read_top_process(tree.tree(), std::chrono::steady_clock::time_point::min(), s);
  EXPECT_TRUE(s.top_process_rss_gb.known());
  EXPECT_THAT(s.top_process_rss_gb.source, HasSubstr("first 16 processes"));
}

TEST(HealthLinux, MemoryOfAProcessAndItsDescendants) {
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  TemporaryTree tree({{"proc/10/statm", "9 1000 1"},
                      {"proc/10/task/10/children", "20 "},
                      {"proc/10/task/11/children", "30 31 "},
                      {"proc/20/statm", "9 200 1"},
                      {"proc/20/task/20/children", ""},
                      {"proc/30/statm", "9 30 1"},
                      {"proc/30/task/30/children", "40"},
                      {"proc/40/statm", "9 4 1"},
                      {"proc/99/statm", "9 5000 1"},
                      {"proc/99/task/99/children", ""}});
  EXPECT_THAT(process_tree_rss_gb(tree.tree(), 10), Optional(DoubleNear(1234 * page, 1e-12)));
  EXPECT_THAT(process_tree_rss_gb(tree.tree(), 99), Optional(DoubleNear(5000 * page, 1e-12)));
  EXPECT_EQ(process_tree_rss_gb(tree.tree(), 7), std::nullopt);
}

// On the machine that runs the tests.
TEST(HealthSampler, ThisMachine) {
  Sampler sampler;
  const Snapshot s = sampler.sample();
  EXPECT_GT(s.machine_ram_gb.value.value(), 0.1);
  EXPECT_GE(s.num_cores.value.value(), 1);
  EXPECT_GE(s.usable_cores.value.value(), 0.01);
  EXPECT_LE(s.usable_cores.value.value(), s.num_cores.value.value());
  EXPECT_TRUE(s.mem_pressure.known());
  EXPECT_GT(s.top_process_rss_gb.value.value(), 0);
  EXPECT_LE(s.top_process_rss_gb.value.value(), s.machine_ram_gb.value.value() * 2);
  EXPECT_NE(s.top_process_name.value.value(), "");
  EXPECT_FALSE(sampler.sample({.top_process = false}).top_process_name.known());
}

TEST(HealthSampler, CountsTheMemoryOfAChild) {
  const double before = process_tree_rss_gb(getpid()).value();
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    constexpr size_t kBytes = size_t{256} << 20;
    volatile char* memory = static_cast<char*>(malloc(kBytes));
    for (size_t i = 0; i < kBytes; i += 4096) {
      memory[i] = 1;
    }
    char byte = 0;
    close(done[1]);
    _exit(write(ready[1], &byte, 1) + static_cast<int>(read(done[0], &byte, 1)) == 1 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const double during = process_tree_rss_gb(getpid()).value();
  const double alone = process_tree_rss_gb(child).value();
  close(done[1]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_GT(during - before, 0.24);
  EXPECT_GT(alone, 0.24);
  EXPECT_EQ(process_tree_rss_gb(child), std::nullopt);
}

}  // namespace
}  // namespace ingot::health
