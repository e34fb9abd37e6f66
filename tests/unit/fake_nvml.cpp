// The functions of NVML that Ingot calls, by their documentation.
#include "tests/unit/fake_nvml.hpp"

#include <cstdio>

namespace {

constexpr int kSuccess = 0;
constexpr int kNotSupported = 3;
constexpr int kInsufficientSize = 7;

FakeNvml state;

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

int give(const FakeGpu* gpu, unsigned value, unsigned* result) {
  *result = value;
  return gpu->broken ? kNotSupported : kSuccess;
}

}  // namespace

extern "C" {

FakeNvml* fake_nvml_state() {
  return &state;
}

int nvmlInit_v2() {
  ++state.inits;
  return state.init_status;
}
int nvmlShutdown() {
  ++state.shutdowns;
  return kSuccess;
}
const char* nvmlErrorString(int status) {
  return status == 9 ? "Driver Not Loaded" : "Unknown Error";
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = state.count;
  return kSuccess;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, FakeGpu** gpu) {
  *gpu = &state.gpus[index];
  return kSuccess;
}
int nvmlDeviceGetName(FakeGpu* gpu, char* name, unsigned length) {
  std::snprintf(name, length, "%s", gpu->name);
  return gpu->broken ? kNotSupported : kSuccess;
}
int nvmlDeviceGetMemoryInfo(FakeGpu* gpu, Memory* memory) {
  *memory = {gpu->memory_total, gpu->memory_total - gpu->memory_used, gpu->memory_used};
  return gpu->broken ? kNotSupported : kSuccess;
}
int nvmlDeviceGetUtilizationRates(FakeGpu* gpu, Utilisation* rates) {
  *rates = {gpu->utilisation, 1};
  return gpu->broken ? kNotSupported : kSuccess;
}
int nvmlDeviceGetTemperature(FakeGpu* gpu, unsigned sensor, unsigned* celsius) {
  return sensor == 0 ? give(gpu, gpu->temperature, celsius) : kNotSupported;
}
int nvmlDeviceGetPowerUsage(FakeGpu* gpu, unsigned* milliwatts) {
  return give(gpu, gpu->power_milliwatts, milliwatts);
}
int nvmlDeviceGetEnforcedPowerLimit(FakeGpu* gpu, unsigned* milliwatts) {
  return give(gpu, gpu->power_limit_milliwatts, milliwatts);
}
int nvmlDeviceGetClockInfo(FakeGpu* gpu, unsigned type, unsigned* megahertz) {
  return type == 1 ? give(gpu, gpu->clock, megahertz) : kNotSupported;
}
int nvmlDeviceGetMaxClockInfo(FakeGpu* gpu, unsigned type, unsigned* megahertz) {
  return type == 1 ? give(gpu, gpu->max_clock, megahertz) : kNotSupported;
}
// The name before driver 535; the newer one is missing here.
int nvmlDeviceGetCurrentClocksThrottleReasons(FakeGpu* gpu, unsigned long long* reasons) {
  *reasons = gpu->clock_reasons;
  return gpu->broken ? kNotSupported : kSuccess;
}
int nvmlDeviceGetComputeRunningProcesses_v3(FakeGpu* gpu, unsigned* count, Process* processes) {
  const unsigned room = *count;
  *count = gpu->processes;
  if (room < gpu->processes) {
    return kInsufficientSize;
  }
  for (unsigned i = 0; i < gpu->processes; ++i) {
    processes[i] = {1000000000 + i, (i + 1ULL) << 30, 0, 0};
  }
  return gpu->broken ? kNotSupported : kSuccess;
}

}  // extern "C"
