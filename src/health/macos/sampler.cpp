// The sampler of macOS. It has been compiled against no SDK and run on no Mac yet.
#include "health/sampler.hpp"

#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/ps/IOPSKeys.h>
#include <IOKit/ps/IOPowerSources.h>
#include <IOKit/pwr_mgt/IOPMLib.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <libproc.h>
#include <notify.h>
#include <sys/sysctl.h>
#include <vector>

#include "health/thermal_level.hpp"

namespace ingot::health {
namespace {

constexpr double kGib = 1 << 30;
constexpr const char* kThermalNotification = "com.apple.system.thermalpressurelevel";

template <class T>
std::optional<T> read_sysctl(const char* name) {
  T value{};
  size_t size = sizeof value;
  return sysctlbyname(name, &value, &size, nullptr, 0) == 0 && size == sizeof value
             ? std::optional(value)
             : std::nullopt;
}

Signal<double> number(std::optional<double> value, const char* source) {
  return value ? known(*value, source) : unknown<double>(std::string("no ") + source);
}

void read_memory(Snapshot& snapshot) {
  const auto level = read_sysctl<int>("kern.memorystatus_vm_pressure_level");
  const char* source = "sysctl kern.memorystatus_vm_pressure_level";
  switch (level.value_or(0)) {
    case 1:
      snapshot.mem_pressure = known(MemPressure::kNormal, source);
      break;
    case 2:
      snapshot.mem_pressure = known(MemPressure::kWarn, source);
      break;
    case 4:
      snapshot.mem_pressure = known(MemPressure::kCritical, source);
      break;
    default:
      snapshot.mem_pressure = unknown<MemPressure>(std::string("no ") + source);
  }
  snapshot.mem_available_pct =
      number(read_sysctl<int>("kern.memorystatus_level"), "sysctl kern.memorystatus_level");
  const auto bytes = read_sysctl<uint64_t>("hw.memsize");
  snapshot.machine_ram_gb =
      number(bytes ? std::optional(static_cast<double>(*bytes) / kGib) : std::nullopt,
             "sysctl hw.memsize");
  const auto swap = read_sysctl<xsw_usage>("vm.swapusage");
  snapshot.swap_used_pct =
      swap && swap->xsu_total > 0
          ? known(100 * static_cast<double>(swap->xsu_used) / static_cast<double>(swap->xsu_total),
                  "sysctl vm.swapusage")
          : unknown<double>("there is no swap");
  snapshot.mem_stall_pct = unknown<double>("macOS does not tell");
}

void read_load(Snapshot& snapshot) {
  double load[1] = {0};
  snapshot.load_avg_1min =
      getloadavg(load, 1) == 1 ? known(load[0], "getloadavg") : unknown<double>("getloadavg fails");
  snapshot.num_cores = number(read_sysctl<int>("hw.physicalcpu"), "sysctl hw.physicalcpu");
  const auto performance = read_sysctl<int>("hw.perflevel0.physicalcpu");
  const auto efficiency = read_sysctl<int>("hw.perflevel1.physicalcpu");
  if (snapshot.num_cores.known() && performance && efficiency) {
    snapshot.num_cores.source += " (" + std::to_string(*performance) + " performance, " +
                                 std::to_string(*efficiency) + " efficiency)";
  }
  snapshot.usable_cores = number(read_sysctl<int>("hw.activecpu"), "sysctl hw.activecpu");
}

template <class T>
struct Released {
  explicit Released(T reference) : value(reference) {}
  ~Released() {
    if (value != nullptr) {
      CFRelease(value);
    }
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  T value;
};

std::optional<double> number_in(CFDictionaryRef dictionary, CFStringRef key) {
  const auto entry = static_cast<CFNumberRef>(CFDictionaryGetValue(dictionary, key));
  double value = 0;
  return entry != nullptr && CFNumberGetValue(entry, kCFNumberDoubleType, &value)
             ? std::optional(value)
             : std::nullopt;
}

// Intel Macs tell a speed limit, Apple silicon a thermal level alone.
std::optional<double> intel_speed_limit() {
  CFDictionaryRef status = nullptr;
  if (IOPMCopyCPUPowerStatus(&status) != kIOReturnSuccess || status == nullptr) {
    return std::nullopt;
  }
  const Released owned(status);
  return number_in(status, CFSTR(kIOPMCPUPowerLimitProcessorSpeedKey));
}

void read_thermal(Snapshot& snapshot) {
  int token = 0;
  uint64_t level = 0;
  const bool registered = notify_register_check(kThermalNotification, &token) == NOTIFY_STATUS_OK;
  if (const auto limit = intel_speed_limit()) {
    snapshot.cpu_speed_limit = known(std::clamp(*limit, 0.0, 100.0), "CPU_Speed_Limit");
  } else if (registered && notify_get_state(token, &level) == NOTIFY_STATUS_OK &&
             level < kThermalLevels.size()) {
    const ThermalLevelRow& row = kThermalLevels[level];
    snapshot.cpu_speed_limit =
        known(row.speed_limit, std::string(kThermalNotification) + ": " + std::string(row.name));
  } else {
    snapshot.cpu_speed_limit = unknown<double>(std::string("no ") + kThermalNotification);
  }
  if (registered) {
    notify_cancel(token);
  }
  snapshot.cpu_temperature_c = unknown<double>("macOS does not tell without privileges");
  snapshot.cpu_throttle_events = unknown<double>("macOS does not tell");
}

void read_power(Snapshot& snapshot) {
  snapshot.power_source = unknown<PowerSource>("IOPowerSources lists none");
  snapshot.battery_pct = unknown<double>("no battery");
  const Released info(IOPSCopyPowerSourcesInfo());
  if (info.value == nullptr) {
    return;
  }
  const CFStringRef type = IOPSGetProvidingPowerSourceType(info.value);
  if (type != nullptr) {
    const bool mains = CFStringCompare(type, CFSTR(kIOPMACPowerKey), 0) == kCFCompareEqualTo;
    snapshot.power_source =
        known(mains ? PowerSource::kAc : PowerSource::kBattery, "IOPowerSources");
  }
  const Released list(IOPSCopyPowerSourcesList(info.value));
  for (CFIndex i = 0; list.value != nullptr && i < CFArrayGetCount(list.value); ++i) {
    const CFDictionaryRef source =
        IOPSGetPowerSourceDescription(info.value, CFArrayGetValueAtIndex(list.value, i));
    if (source == nullptr) {
      continue;
    }
    const auto current = number_in(source, CFSTR(kIOPSCurrentCapacityKey));
    const auto most = number_in(source, CFSTR(kIOPSMaxCapacityKey));
    if (current && most.value_or(0) > 0) {
      snapshot.battery_pct = known(100 * *current / *most, "IOPowerSources");
    }
  }
}

std::vector<pid_t> list_pids(const auto& list) {
  std::vector<pid_t> pids(1024);
  for (;;) {
    const int bytes = list(pids.data(), static_cast<int>(pids.size() * sizeof(pid_t)));
    const auto count = static_cast<size_t>(std::max(bytes, 0)) / sizeof(pid_t);
    if (count < pids.size()) {
      pids.resize(count);
      return pids;
    }
    pids.resize(2 * pids.size());
  }
}

// Other users' processes are not shown without privileges.
std::optional<double> resident_gb(pid_t pid) {
  proc_taskinfo info{};
  return proc_pidinfo(pid, PROC_PIDTASKINFO, 0, &info, sizeof info) == sizeof info
             ? std::optional(static_cast<double>(info.pti_resident_size) / kGib)
             : std::nullopt;
}

void read_top_process(Snapshot& snapshot) {
  snapshot.top_process_rss_gb = unknown<double>("proc_pidinfo tells of none");
  snapshot.top_process_name = unknown<std::string>("proc_pidinfo tells of none");
  pid_t top = 0;
  for (const pid_t pid : list_pids(
           [](pid_t* pids, int bytes) { return proc_listpids(PROC_ALL_PIDS, 0, pids, bytes); })) {
    const auto size = resident_gb(pid);
    if (size && *size > snapshot.top_process_rss_gb.value.value_or(-1)) {
      snapshot.top_process_rss_gb = known(*size, "proc_pidinfo");
      top = pid;
    }
  }
  char name[2 * MAXCOMLEN + 1] = "";
  if (top != 0 && proc_name(top, name, sizeof name) > 0) {
    snapshot.top_process_name = known(std::string(name), "proc_name");
  }
}

}  // namespace

struct Sampler::State {};

Sampler::Sampler() = default;
Sampler::~Sampler() = default;

Snapshot Sampler::sample(const SampleOptions& options) {
  Snapshot snapshot;
  read_memory(snapshot);
  read_load(snapshot);
  read_thermal(snapshot);
  read_power(snapshot);
  if (options.top_process) {
    read_top_process(snapshot);
  }
  snapshot.gpu_source = "no NVIDIA driver on macOS";
  return snapshot;
}

Snapshot sample() {
  return Sampler().sample();
}

std::optional<double> process_tree_rss_gb(pid_t root) {
  std::optional<double> sum;
  std::vector<pid_t> open = {root};
  while (!open.empty()) {
    const pid_t process = open.back();
    open.pop_back();
    if (const auto size = resident_gb(process)) {
      sum = sum.value_or(0) + *size;
    }
    const auto children = list_pids([&](pid_t* pids, int bytes) {
      return static_cast<int>(proc_listchildpids(process, pids, bytes) * sizeof(pid_t));
    });
    open.insert(open.end(), children.begin(), children.end());
  }
  return sum;
}

}  // namespace ingot::health
