#include "backends/metal/metal_device.hpp"

#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <algorithm>
#include <map>
#include <string>
#include <unistd.h>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "backends/metal/metal_encoder.hpp"
#include "backends/metal/metal_library.hpp"
#if !defined(__APPLE__)
#include "softmetal/toolchain.hpp"
#endif

namespace ingot::metal {
namespace {

constexpr size_t kPage = 16384;          // of Apple GPUs; Linux pages divide it
constexpr size_t kVectorAlignment = 16;  // of a float4, the widest load of a kernel

#if defined(__APPLE__)
constexpr BackendKind kKind = BackendKind::kMetal;
#else
constexpr BackendKind kKind = BackendKind::kSoftMetal;
#endif

// Families are asked for by number, as metal-cpp's names for the newest depend on its version.
MetalFamily family_of(MTL::Device* device) {
  const auto latest = [device](NS::Integer base, int last, int first) {
    int number = last;
    while (number >= first && !device->supportsFamily(static_cast<MTL::GPUFamily>(base + number))) {
      --number;
    }
    return number < first ? 0 : number;
  };
  return {.apple = latest(MTL::GPUFamilyApple1 - 1, 10, 1),
          .metal = latest(MTL::GPUFamilyMetal3 - 3, 4, 3)};
}

class MetalDevice final : public GpuDevice {
 public:
  explicit MetalDevice(NS::SharedPtr<MTL::Device> device)
      : device_(std::move(device)),
        queue_(NS::TransferPtr(device_->newCommandQueue())),
        pool_([this](size_t bytes) { return new_buffer(bytes); },
              [](const Allocation& block) { static_cast<MTL::Buffer*>(block.native)->release(); }) {
    info_.kind = kKind;
    info_.name = device_->name()->utf8String();
    info_.fingerprint = fmt::format("{}/{}", to_string(kKind), info_.name);
#if !defined(__APPLE__)
    const softmetal::Toolchain& toolchain = softmetal::Toolchain::get();
    info_.fingerprint += "/" + toolchain.identity();
    if (!toolchain.cache().fallback_reason().empty()) {
      info_.notice = toolchain.cache().fallback_reason() + "; compiled shaders are not kept";
    }
#endif
    info_.memory_bytes = device_->recommendedMaxWorkingSetSize();
    info_.unified_memory = device_->hasUnifiedMemory();
    info_.simd_width = 32;
    info_.max_threads_per_threadgroup =
        static_cast<uint32_t>(device_->maxThreadsPerThreadgroup().width);
    info_.max_threadgroup_memory = device_->maxThreadgroupMemoryLength();
    info_.max_buffer_bytes = device_->maxBufferLength();
    info_.metal_family = family_of(device_.get());
    if (info_.metal_family.apple != 0) {
      info_.family = fmt::format("apple{}", info_.metal_family.apple);
    }
  }

  const DeviceInfo& info() const override { return info_; }
  BufferPool& pool() override { return pool_; }

  Buffer import_host(void* memory, size_t bytes, std::shared_ptr<void> owner) override {
    const auto begin = reinterpret_cast<uintptr_t>(memory);
    if (bytes == 0 || begin % kVectorAlignment != 0 || !info_.unified_memory) {
      return {};
    }
    // Metal takes whole pages. Those around the data belong to this process, and kernels touch only
    // what is bound.
    const uintptr_t first = begin / kPage * kPage;
    const uintptr_t last = (begin + bytes + kPage - 1) / kPage * kPage;
    MTL::Buffer* buffer = device_->newBuffer(
        reinterpret_cast<void*>(first), last - first, MTL::ResourceStorageModeShared, nullptr);
    if (buffer == nullptr) {
      return {};
    }
    return {Allocation{reinterpret_cast<std::byte*>(first), buffer, last - first},
            [owner = std::move(owner)](const Allocation& block) {
              static_cast<MTL::Buffer*>(block.native)->release();
            }};
  }

  std::shared_ptr<Library> compile(const msl::Source& source) override {
    return compile_library(device_.get(), source);
  }

  std::shared_ptr<Pipeline> pipeline(const Library& library,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants) override {
    return make_pipeline(device_.get(), library, function, constants);
  }

  std::unique_ptr<CommandEncoder> encoder() override { return make_encoder(queue_.get()); }

 private:
  Allocation new_buffer(size_t bytes) {
    MTL::Buffer* buffer = device_->newBuffer(bytes, MTL::ResourceStorageModeShared);
    if (buffer == nullptr) {
      return {};
    }
    return {static_cast<std::byte*>(buffer->contents()), buffer, bytes};
  }

  NS::SharedPtr<MTL::Device> device_;
  NS::SharedPtr<MTL::CommandQueue> queue_;
  DeviceInfo info_;
  BufferPool pool_;
};

}  // namespace

std::unique_ptr<Device> make_metal_device() {
  const auto arena = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  auto device = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
  if (device.get() == nullptr) {
    throw Error(ErrorCode::kNotFound,
                std::string(to_string(kKind)),
                "this machine has no Metal device",
                "use cpu");
  }
  return std::make_unique<MetalDevice>(std::move(device));
}

}  // namespace ingot::metal
