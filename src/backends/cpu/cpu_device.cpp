#include "backends/cpu/cpu_device.hpp"

#include <fstream>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "hwy/highway.h"
#include "hwy/targets.h"

#include "core/parallel.hpp"

namespace ingot::cpu {
namespace {

// Linux backs large blocks with 2 MiB pages when asked and aligned: page faults of fresh gigabytes
// otherwise cost as much as the kernels that fill them.
constexpr size_t kHugePage = size_t{2} << 20;

Allocation allocate_pages(size_t bytes) {
  const size_t alignment = bytes >= kHugePage ? kHugePage : 256;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes) != 0) {
    return {};
  }
#if defined(__linux__)
  if (bytes >= kHugePage) {
    madvise(memory, bytes, MADV_HUGEPAGE);
  }
#endif
  return {static_cast<std::byte*>(memory), nullptr, bytes};
}

std::string processor_name() {
#if defined(__APPLE__)
  char name[256] = "";
  size_t size = sizeof(name);
  if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) {
    return name;
  }
#else
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
#endif
  return "CPU";
}

class CpuDevice final : public Device {
 public:
  CpuDevice() : pool_(allocate_pages, [](const Allocation& block) { free(block.host); }) {
    // Targets are bits, best first: the lowest of those compiled and supported is what dynamic dispatch takes.
    const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
    const std::string isa = hwy::TargetName(targets & -targets);
    info_.kind = BackendKind::kCpu;
    info_.name = processor_name() + " (" + isa + ")";
    info_.fingerprint = "cpu/" + isa;
    info_.memory_bytes =
        static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
    info_.unified_memory = true;
    info_.cores = worker_count();
    info_.max_buffer_bytes = info_.memory_bytes;
  }

  const DeviceInfo& info() const override { return info_; }
  BufferPool& pool() override { return pool_; }

  Buffer import_host(void* memory, size_t bytes, std::shared_ptr<void> owner) override {
    return {Allocation{static_cast<std::byte*>(memory), nullptr, bytes},
            [owner = std::move(owner)](const Allocation&) {}};
  }

 private:
  DeviceInfo info_;
  BufferPool pool_;
};

}  // namespace

std::unique_ptr<Device> make_cpu_device() {
  return std::make_unique<CpuDevice>();
}

}  // namespace ingot::cpu
