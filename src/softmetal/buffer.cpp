// MTL::Resource and MTL::Buffer.
#include <cstring>
#include <utility>

#include "softmetal/allocation_checks.hpp"
#include "softmetal/heap.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

MTL::Buffer* new_buffer(const void* source, NS::UInteger length, MTL::ResourceOptions options) {
  if (!check_buffer("newBuffer", length, options)) {
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

BufferObject* buffer_of(const MTL::Resource* resource) {
  return self(static_cast<const MTL::Buffer*>(resource));  // there is no other resource
}

}  // namespace

BufferObject::BufferObject(std::shared_ptr<Region> region,
                           MTL::ResourceOptions options,
                           Deallocator deallocator)
    : region_(std::move(region)), options_(options), deallocator_(std::move(deallocator)) {
  Memory::allocated() += bytes();
}

BufferObject::~BufferObject() {
  MemoryMap::instance().release(region_, label() == nullptr ? "" : label()->utf8String());
  if (!heap_) {
    Memory::allocated() -= bytes();
  } else if (!is_aliasable) {
    self(heap_.get())->free(heap_offset_, bytes());
  }
  if (deallocator_) {
    deallocator_(data(), bytes());
  }
}

void BufferObject::set_heap(NS::SharedPtr<MTL::Heap> heap, NS::UInteger offset) {
  Memory::allocated() -= bytes();
  heap_ = std::move(heap);
  heap_offset_ = offset;
}

std::string BufferObject::name() const {
  return label() == nullptr ? "a buffer"
                            : std::string("the buffer '") + label()->utf8String() + "'";
}

}  // namespace softmetal

namespace MTL {
using softmetal::buffer_of;
using softmetal::self;

Buffer* Device::newBuffer(NS::UInteger length, MTL::ResourceOptions options) {
  return softmetal::new_buffer(nullptr, length, options);
}
Buffer* Device::newBuffer(const void* pointer, NS::UInteger length, MTL::ResourceOptions options) {
  return softmetal::new_buffer(pointer, length, options);
}
Buffer* Device::borrow_memory(const void* pointer,
                              NS::UInteger length,
                              MTL::ResourceOptions options,
                              std::function<void(void*, NS::UInteger)> deallocator) {
  if (!softmetal::check_buffer("newBuffer", length, options) ||
      !softmetal::check_borrowed(pointer, length, options)) {
    return nullptr;
  }
  return new softmetal::BufferObject(
      softmetal::MemoryMap::instance().adopt(const_cast<void*>(pointer), length),
      options,
      std::move(deallocator));
}

ResourceOptions Resource::resourceOptions() const {
  return buffer_of(this)->options();
}
Heap* Resource::heap() const {
  return buffer_of(this)->heap_object();
}
NS::UInteger Resource::heapOffset() const {
  return buffer_of(this)->heap_offset();
}
bool Resource::isAliasable() {
  return buffer_of(this)->is_aliasable;
}
void Resource::makeAliasable() {
  softmetal::BufferObject* buffer = buffer_of(this);
  if (heap() != nullptr && !std::exchange(buffer->is_aliasable, true)) {
    self(heap())->free(buffer->heap_offset(), buffer->bytes());
  }
}
PurgeableState Resource::setPurgeableState(MTL::PurgeableState state) {
  softmetal::BufferObject* buffer = buffer_of(this);
  return state == PurgeableStateKeepCurrent ? buffer->purgeable_state
                                            : std::exchange(buffer->purgeable_state, state);
}

void* Buffer::contents() {
  return storageMode() == StorageModePrivate ? nullptr : self(this)->data();
}
NS::UInteger Buffer::length() const {
  return self(this)->bytes();
}
GPUAddress Buffer::gpuAddress() const {
  return reinterpret_cast<GPUAddress>(self(this)->data());
}

}  // namespace MTL
