// MTL::Device: what it says of itself.
#include <chrono>
#include <unistd.h>

#include "softmetal/executor.hpp"
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

class OneDevice final : public NS::Referencing<OneDevice, MTL::Device> {
 public:
  OneDevice() { live_forever(); }
};

class ArchitectureObject final : public NS::Referencing<ArchitectureObject, MTL::Architecture> {};

}  // namespace

MTL::Device* shared_device() {
  static MTL::Device* const device = new OneDevice();
  return device;
}

std::uint64_t Memory::physical_bytes() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::atomic<std::uint64_t>& Memory::allocated() {
  static std::atomic<std::uint64_t> bytes = 0;
  return bytes;
}

NS::Error* make_error(const char* domain, NS::Integer code, const std::string& text) {
  return NS::Error::error(
      autoreleased(domain),
      code,
      NS::Dictionary::dictionary(autoreleased(text), NS::LocalizedDescriptionKey));
}

}  // namespace softmetal

namespace MTL {
using softmetal::shared_device;

Device* CreateSystemDefaultDevice() {
  return shared_device()->retain();
}
NS::Array* CopyAllDevices() {
  const NS::Object* device = shared_device();
  return NS::Array::alloc()->init(&device, 1);
}

NS::String* Device::name() const {
  return MTLSTR("softmetal");
}
Architecture* Device::architecture() const {
  return (new softmetal::ArchitectureObject())->autorelease();
}
NS::String* Architecture::name() const {
  return MTLSTR("softmetal_g15s");
}
uint64_t Device::registryID() const {
  return 1;
}
Size Device::maxThreadsPerThreadgroup() const {
  return Size(softmetal::kMaxThreads, softmetal::kMaxThreads, softmetal::kMaxThreads);
}
NS::UInteger Device::maxThreadgroupMemoryLength() const {
  return softmetal::kThreadgroupMemoryLimit;
}
NS::UInteger Device::maxBufferLength() const {
  return softmetal::Memory::physical_bytes() / 2;
}
uint64_t Device::recommendedMaxWorkingSetSize() const {
  return softmetal::Memory::physical_bytes() / 4 * 3;
}
NS::UInteger Device::currentAllocatedSize() const {
  return softmetal::Memory::allocated();
}

bool Device::supportsFamily(MTL::GPUFamily gpuFamily) {
  const auto between = [gpuFamily](GPUFamily first, GPUFamily last) {
    return gpuFamily >= first && gpuFamily <= last;
  };
  return between(GPUFamilyCommon1, GPUFamilyCommon3) || between(GPUFamilyApple1, GPUFamilyApple9) ||
         between(GPUFamilyMac1, GPUFamilyMac2) || gpuFamily == GPUFamilyMetal3;
}

void Device::sampleTimestamps(MTL::Timestamp* cpuTimestamp, MTL::Timestamp* gpuTimestamp) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  *cpuTimestamp =
      static_cast<Timestamp>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
  *gpuTimestamp = *cpuTimestamp;
}

NS::Array* Device::counterSets() const {
  return NS::Array::array();
}
CounterSampleBuffer* Device::newCounterSampleBuffer(const MTL::CounterSampleBufferDescriptor*,
                                                    NS::Error** error) {
  if (error != nullptr) {
    *error = softmetal::make_error(
        "MTLCounterErrorDomain", 1, "newCounterSampleBuffer: the device has no counters");
  }
  return nullptr;
}

}  // namespace MTL
