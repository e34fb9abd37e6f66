#include "health/nvml.hpp"

#include <algorithm>
#include <array>
#include <dlfcn.h>
#include <fstream>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"

namespace ingot::health {
namespace {

// The part of NVML's interface in use, by its documentation.
using Device = void*;
constexpr int kSuccess = 0;
constexpr int kInsufficientSize = 7;
constexpr unsigned kTemperatureOfGpu = 0;
constexpr unsigned kClockOfSm = 1;
constexpr unsigned kNameLength = 96;
constexpr unsigned long long kNotAvailable = ~0ULL;

struct Memory {
  unsigned long long total, free, used;
};
struct Utilisation {
  unsigned gpu, memory;
};
struct Process {
  unsigned pid;
  unsigned long long memory;
  unsigned gpu_instance, compute_instance;
};

struct ClockReason {
  unsigned long long bit;
  std::string_view name;
  bool slows;  // below what the chip reaches by itself
};
// 0x1, idle, and the application's own settings are no reasons to worry. The software power cap is
// where a GPU ends under full load: told, but no throttle.
constexpr ClockReason kClockReasons[] = {
    {0x4, "software power cap", false},
    {0x8, "hardware slowdown", true},
    {0x20, "software thermal slowdown", true},
    {0x40, "hardware thermal slowdown", true},
    {0x80, "power brake", true},
};

constexpr double kGib = 1 << 30;

std::string process_name(unsigned pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name.empty() ? fmt::format("process {}", pid) : name;
}

}  // namespace

// The opened library. A function that a driver lacks is null, and what it tells unknown.
class Nvml::Library {
 public:
  // Throws Error(kNotFound) with the reason.
  explicit Library(const std::string& name) : handle_(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) {
      throw Error(ErrorCode::kNotFound, name, "no NVIDIA driver: the library is not there");
    }
    load(initialise_, "nvmlInit_v2");
    load(shut_down_, "nvmlShutdown");
    load(error_text_, "nvmlErrorString");
    load(count_, "nvmlDeviceGetCount_v2");
    load(device_, "nvmlDeviceGetHandleByIndex_v2");
    load(name_, "nvmlDeviceGetName");
    load(memory_, "nvmlDeviceGetMemoryInfo");
    load(temperature_, "nvmlDeviceGetTemperature");
    load(utilisation_, "nvmlDeviceGetUtilizationRates");
    load(power_, "nvmlDeviceGetPowerUsage");
    load(power_limit_, "nvmlDeviceGetEnforcedPowerLimit");
    load(clock_, "nvmlDeviceGetClockInfo");
    load(max_clock_, "nvmlDeviceGetMaxClockInfo");
    load(processes_, "nvmlDeviceGetComputeRunningProcesses_v3");
    load(reasons_, "nvmlDeviceGetCurrentClocksEventReasons");
    if (reasons_ == nullptr) {
      load(reasons_, "nvmlDeviceGetCurrentClocksThrottleReasons");  // before driver 535
    }
    const int status = initialise_ == nullptr ? -1 : initialise_();
    if (status != kSuccess) {
      const std::string text = text_of(status);
      dlclose(handle_);
      throw Error(ErrorCode::kNotFound, name, "does not start: " + text);
    }
  }
  ~Library() {
    if (shut_down_ != nullptr) {
      shut_down_();
    }
    dlclose(handle_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  std::vector<Gpu> gpus() const {
    unsigned count = 0;
    if (count_ == nullptr || device_ == nullptr || count_(&count) != kSuccess) {
      return {};
    }
    std::vector<Gpu> gpus;
    for (unsigned index = 0; index < count; ++index) {
      Device device = nullptr;
      Gpu gpu;
      if (device_(index, &device) == kSuccess) {
        read(device, gpu);
      }
      const auto label = [&](const SignalInfo&, auto& signal) {
        signal.source = signal.known() ? "NVML" : "NVML does not tell";
      };
      for_each_gpu_signal(gpu, label);
      gpus.push_back(std::move(gpu));
    }
    return gpus;
  }

 private:
  template <class F>
  void load(F*& function, const char* name) {
    function = reinterpret_cast<F*>(dlsym(handle_, name));
  }

  std::string text_of(int status) const {
    const char* text = error_text_ == nullptr ? nullptr : error_text_(status);
    return text == nullptr ? fmt::format("error {}", status) : text;
  }

  // A call that gives one number, times `scale`.
  template <class F, class... Arguments>
  static std::optional<double> number(F* function, double scale, Arguments... arguments) {
    unsigned value = 0;
    if (function == nullptr || function(arguments..., &value) != kSuccess) {
      return std::nullopt;
    }
    return value * scale;
  }

  void read(Device device, Gpu& gpu) const {
    std::array<char, kNameLength> name{};
    if (name_ != nullptr && name_(device, name.data(), kNameLength - 1) == kSuccess) {
      gpu.name.value = name.data();
    }
    Memory memory{};
    if (memory_ != nullptr && memory_(device, &memory) == kSuccess) {
      gpu.memory_total_gb.value = static_cast<double>(memory.total) / kGib;
      gpu.memory_used_gb.value = static_cast<double>(memory.used) / kGib;
    }
    Utilisation utilisation{};
    if (utilisation_ != nullptr && utilisation_(device, &utilisation) == kSuccess) {
      gpu.utilisation_pct.value = utilisation.gpu;
    }
    gpu.temperature_c.value = number(temperature_, 1, device, kTemperatureOfGpu);
    gpu.power_w.value = number(power_, 1e-3, device);
    gpu.power_limit_w.value = number(power_limit_, 1e-3, device);
    read_clocks(device, gpu);
    read_processes(device, gpu);
  }

  void read_clocks(Device device, Gpu& gpu) const {
    unsigned long long reasons = 0;
    if (reasons_ == nullptr || reasons_(device, &reasons) != kSuccess) {
      return;
    }
    std::vector<std::string_view> names;
    bool slowed = false;
    for (const ClockReason& reason : kClockReasons) {
      if ((reasons & reason.bit) != 0) {
        names.push_back(reason.name);
        slowed = slowed || reason.slows;
      }
    }
    gpu.clocks_held_by.value = fmt::format("{}", fmt::join(names, ", "));
    gpu.speed_limit_pct.value = 100;
    if (slowed) {
      const auto clock = number(clock_, 1, device, kClockOfSm);
      const auto highest = number(max_clock_, 1, device, kClockOfSm);
      gpu.speed_limit_pct.value = clock && highest.value_or(0) > 0
                                      ? std::optional(std::min(100.0, 100 * *clock / *highest))
                                      : std::nullopt;
    }
  }

  void read_processes(Device device, Gpu& gpu) const {
    if (processes_ == nullptr) {
      return;
    }
    std::vector<Process> processes(64);
    auto count = static_cast<unsigned>(processes.size());
    int status = processes_(device, &count, processes.data());
    if (status == kInsufficientSize) {
      processes.resize(count + 16);  // for those that start meanwhile
      count = static_cast<unsigned>(processes.size());
      status = processes_(device, &count, processes.data());
    }
    processes.resize(status == kSuccess ? std::min<size_t>(count, processes.size()) : 0);
    std::erase_if(processes,
                  [](const Process& process) { return process.memory == kNotAvailable; });
    const auto top = std::ranges::max_element(processes, {}, &Process::memory);
    if (top != processes.end()) {
      gpu.top_process_gb.value = static_cast<double>(top->memory) / kGib;
      gpu.top_process_name.value = process_name(top->pid);
    }
  }

  void* handle_;
  int (*initialise_)() = nullptr;
  int (*shut_down_)() = nullptr;
  const char* (*error_text_)(int) = nullptr;
  int (*count_)(unsigned*) = nullptr;
  int (*device_)(unsigned, Device*) = nullptr;
  int (*name_)(Device, char*, unsigned) = nullptr;
  int (*memory_)(Device, Memory*) = nullptr;
  int (*temperature_)(Device, unsigned, unsigned*) = nullptr;
  int (*utilisation_)(Device, Utilisation*) = nullptr;
  int (*power_)(Device, unsigned*) = nullptr;
  int (*power_limit_)(Device, unsigned*) = nullptr;
  int (*clock_)(Device, unsigned, unsigned*) = nullptr;
  int (*max_clock_)(Device, unsigned, unsigned*) = nullptr;
  int (*processes_)(Device, unsigned*, Process*) = nullptr;
  int (*reasons_)(Device, unsigned long long*) = nullptr;
};

Nvml::Nvml(std::string library) : name_(std::move(library)) {}
Nvml::~Nvml() = default;

void Nvml::sample(Snapshot& snapshot) {
  if (library_ == nullptr && failure_.empty()) {
    try {
      library_ = std::make_unique<Library>(name_);
    } catch (const Error& error) {
      failure_ = error.what();
    }
  }
  snapshot.gpus = library_ == nullptr ? std::vector<Gpu>() : library_->gpus();
  snapshot.gpu_source = !failure_.empty()       ? failure_
                        : snapshot.gpus.empty() ? "NVML: no GPU"
                                                : "NVML";
}

}  // namespace ingot::health
