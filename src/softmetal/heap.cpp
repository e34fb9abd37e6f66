#include "softmetal/heap.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "softmetal/allocation_checks.hpp"
#include "softmetal/round_up.hpp"

namespace softmetal {

HeapObject::HeapObject(const MTL::HeapDescriptor& chosen, Memory memory)
    : descriptor(NS::TransferPtr(chosen.copy())), memory_(std::move(memory)) {
  softmetal::Memory::allocated() += descriptor->size();
}
HeapObject::~HeapObject() {
  softmetal::Memory::allocated() -= descriptor->size();
}

bool HeapObject::accepts(NS::UInteger length, MTL::ResourceOptions options) const {
  // The modes of storage and of the CPU's cache, not that of hazard tracking.
  constexpr MTL::ResourceOptions kModes = 0xff;
  if (!check_buffer("newBuffer of a heap", length, options)) {
    return false;
  }
  if ((options & kModes) != (descriptor->resourceOptions() & kModes)) {
    return refuse_allocation(
        fmt::format("newBuffer of a heap with the options {:#x}: the heap's are {:#x}",
                    options,
                    descriptor->resourceOptions()));
  }
  return true;
}

// Calls visit(offset, length) for what is free between buffers, until it returns true.
template <class Visit>
void HeapObject::for_each_gap(NS::UInteger alignment, const Visit& visit) const {
  NS::UInteger begin = 0;
  const auto gap_before = [&](NS::UInteger end) {
    const NS::UInteger offset = round_up(begin, alignment);
    return offset < end && visit(offset, end - offset);
  };
  for (const auto& [offset, length] : used_) {
    if (gap_before(offset)) {
      return;
    }
    begin = std::max(begin, offset + length);
  }
  gap_before(descriptor->size());
}

MTL::Buffer* HeapObject::new_buffer(NS::UInteger length, MTL::ResourceOptions options) {
  if (!accepts(length, options)) {
    return nullptr;
  }
  if (descriptor->type() != MTL::HeapTypeAutomatic) {
    refuse_allocation("newBuffer of a placement heap needs an offset");
    return nullptr;
  }
  std::unique_lock lock(mutex_);
  std::optional<NS::UInteger> place;
  for_each_gap(kAlignment, [&](NS::UInteger offset, NS::UInteger free) {
    if (free >= length) {
      place = offset;
    }
    return place.has_value();
  });
  if (!place) {
    lock.unlock();
    refuse_allocation(fmt::format("newBuffer of {} bytes: the heap of {} has not got them together",
                                  length,
                                  descriptor->size()));
    return nullptr;
  }
  return make(length, options, *place);
}

MTL::Buffer* HeapObject::new_buffer_at(NS::UInteger length,
                                       MTL::ResourceOptions options,
                                       NS::UInteger offset) {
  if (!accepts(length, options)) {
    return nullptr;
  }
  if (descriptor->type() != MTL::HeapTypePlacement) {
    refuse_allocation("newBuffer at an offset needs a placement heap");
    return nullptr;
  }
  if (offset % kAlignment != 0 || length > descriptor->size() ||
      offset > descriptor->size() - length) {
    refuse_allocation(fmt::format(
        "newBuffer of {} bytes at offset {} of a heap of {}: the offset must be a multiple of {}",
        length,
        offset,
        descriptor->size(),
        kAlignment));
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  return make(length, options, offset);
}

MTL::Buffer* HeapObject::make(NS::UInteger length,
                              MTL::ResourceOptions options,
                              NS::UInteger offset) {
  used_.emplace(offset, length);
  auto* buffer =
      new BufferObject(MemoryMap::instance().adopt(memory_.get() + offset, length), options);
  buffer->set_heap(NS::RetainPtr(this), offset);
  return buffer;
}

void HeapObject::free(NS::UInteger offset, NS::UInteger length) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = used_.equal_range(offset);
  used_.erase(std::find_if(first, last, [&](const auto& range) { return range.second == length; }));
}

NS::UInteger HeapObject::used_bytes() const {
  const std::lock_guard lock(mutex_);
  NS::UInteger sum = 0;
  for (const auto& [offset, length] : used_) {
    sum += round_up(length, kAlignment);
  }
  return sum;
}

NS::UInteger HeapObject::largest_free(NS::UInteger alignment) const {
  if (descriptor->type() != MTL::HeapTypeAutomatic) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  NS::UInteger largest = 0;
  for_each_gap(std::max(alignment, kAlignment), [&](NS::UInteger, NS::UInteger free) {
    largest = std::max(largest, free);
    return false;
  });
  return largest;
}

}  // namespace softmetal

namespace MTL {
using softmetal::HeapObject;
using softmetal::self;

Heap* Device::newHeap(const MTL::HeapDescriptor* descriptor) {
  if (descriptor->type() == HeapTypeSparse) {
    softmetal::refuse_allocation("newHeap: sparse heaps are for textures");
    return nullptr;
  }
  if (!softmetal::check_buffer("newHeap", descriptor->size(), descriptor->resourceOptions())) {
    return nullptr;
  }
  const NS::UInteger bytes = softmetal::round_up(descriptor->size(), softmetal::kGpuPage);
  HeapObject::Memory memory(static_cast<std::byte*>(std::aligned_alloc(softmetal::kGpuPage, bytes)),
                            std::free);
  if (memory == nullptr) {
    return nullptr;
  }
  std::memset(memory.get(), 0, bytes);
  return new HeapObject(*descriptor, std::move(memory));
}
SizeAndAlign Device::heapBufferSizeAndAlign(NS::UInteger length, MTL::ResourceOptions) {
  return {softmetal::round_up(length, HeapObject::kAlignment), HeapObject::kAlignment};
}

HeapType Heap::type() const {
  return self(this)->descriptor->type();
}
StorageMode Heap::storageMode() const {
  return self(this)->descriptor->storageMode();
}
CPUCacheMode Heap::cpuCacheMode() const {
  return self(this)->descriptor->cpuCacheMode();
}
HazardTrackingMode Heap::hazardTrackingMode() const {
  return self(this)->descriptor->hazardTrackingMode();
}
ResourceOptions Heap::resourceOptions() const {
  return self(this)->descriptor->resourceOptions();
}
NS::UInteger Heap::size() const {
  return self(this)->descriptor->size();
}
NS::UInteger Heap::usedSize() const {
  return self(this)->used_bytes();
}
NS::UInteger Heap::currentAllocatedSize() const {
  return size();
}
NS::UInteger Heap::maxAvailableSize(NS::UInteger alignment) {
  return self(this)->largest_free(alignment);
}
Buffer* Heap::newBuffer(NS::UInteger length, MTL::ResourceOptions options) {
  return self(this)->new_buffer(length, options);
}
Buffer* Heap::newBuffer(NS::UInteger length, MTL::ResourceOptions options, NS::UInteger offset) {
  return self(this)->new_buffer_at(length, options, offset);
}
PurgeableState Heap::setPurgeableState(MTL::PurgeableState state) {
  return state == PurgeableStateKeepCurrent ? self(this)->purgeable_state
                                            : std::exchange(self(this)->purgeable_state, state);
}

}  // namespace MTL
