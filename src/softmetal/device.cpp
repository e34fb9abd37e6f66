// MTL::Device, MTL::Resource and MTL::Buffer.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#include "ingot/error.hpp"

#include "softmetal/command_buffer.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

class DeviceObject final : public NS::Referencing<DeviceObject, MTL::Device> {
 public:
  DeviceObject() { live_forever(); }
};

MTL::Buffer* new_buffer(const void* source, NS::UInteger length, MTL::ResourceOptions options) {
  if (length == 0 || length > shared_device()->maxBufferLength()) {
    return nullptr;
  }
  // Only a monitored kernel can tell a guard from another buffer.
  const CheckSet checks = softmetal::options().checks;
  auto region = MemoryMap::instance().allocate(
      length, checks.has(Check::kBounds) || checks.has(Check::kFreed));
  if (region == nullptr) {
    return nullptr;
  }
  if (source != nullptr) {
    std::memcpy(region->data(), source, length);
  }
  return new BufferObject(std::move(region), options);
}

}  // namespace

MTL::Device* shared_device() {
  static MTL::Device* const device = new DeviceObject();
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

BufferObject::BufferObject(std::shared_ptr<Region> region,
                           MTL::ResourceOptions options,
                           Deallocator deallocator)
    : region_(std::move(region)), options_(options), deallocator_(std::move(deallocator)) {
  Memory::allocated() += bytes();
}

BufferObject::~BufferObject() {
  Memory::allocated() -= bytes();
  MemoryMap::instance().release(region_, label() == nullptr ? "" : label()->utf8String());
  if (deallocator_) {
    deallocator_(data(), bytes());
  }
}

std::string BufferObject::name() const {
  return label() == nullptr ? "a buffer"
                            : std::string("the buffer '") + label()->utf8String() + "'";
}

NS::Error* make_error(const char* domain, NS::Integer code, const std::string& text) {
  return NS::Error::error(
      autoreleased(domain),
      code,
      NS::Dictionary::dictionary(autoreleased(text), NS::LocalizedDescriptionKey));
}

}  // namespace softmetal

namespace MTL {
using softmetal::self;
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
  return gpuFamily >= GPUFamilyCommon1 && gpuFamily <= GPUFamilyCommon3;
}

Buffer* Device::newBuffer(NS::UInteger length, MTL::ResourceOptions options) {
  return softmetal::new_buffer(nullptr, length, options);
}
Buffer* Device::newBuffer(const void* pointer, NS::UInteger length, MTL::ResourceOptions options) {
  return softmetal::new_buffer(pointer, length, options);
}
Buffer* Device::newBuffer(const void* pointer,
                          NS::UInteger length,
                          MTL::ResourceOptions options,
                          const std::function<void(void*, NS::UInteger)>& deallocator) {
  if (pointer == nullptr || length == 0) {
    return nullptr;
  }
  return new softmetal::BufferObject(
      softmetal::MemoryMap::instance().adopt(const_cast<void*>(pointer), length),
      options,
      deallocator);
}

Device* Resource::device() const {
  return shared_device();
}
ResourceOptions Resource::resourceOptions() const {
  return self(static_cast<const Buffer*>(this))->options();
}

void* Buffer::contents() {
  return self(this)->data();
}
NS::UInteger Buffer::length() const {
  return self(this)->bytes();
}
GPUAddress Buffer::gpuAddress() const {
  return reinterpret_cast<GPUAddress>(self(this)->data());
}
void Buffer::didModifyRange(NS::Range) {}

}  // namespace MTL
