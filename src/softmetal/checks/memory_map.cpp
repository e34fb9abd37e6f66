#include "softmetal/checks/memory_map.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

#include "softmetal/round_up.hpp"

namespace softmetal {
namespace {

// An index that is wrong by less than this many bytes, or by less than the buffer's size, stays
// inside of the guard. Only addresses are used up, no memory.
constexpr std::size_t kLeastGuard = std::size_t{16} << 20;

// Released buffers that are remembered.
constexpr std::size_t kMaxReleased = 1024;

std::size_t whole_pages(std::size_t bytes) {
  return round_up(bytes, kGpuPage);
}

std::uintptr_t address_of(const void* data) {
  return reinterpret_cast<std::uintptr_t>(data);
}

std::byte* allocate_guarded(std::size_t bytes, std::size_t guard) {
  // One alignment more than needed, to have room for aligning.
  const std::size_t total = whole_pages(bytes) + 2 * guard + kGpuPage;
  void* memory =
      mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return nullptr;
  }
  auto* start = static_cast<std::byte*>(memory);
  auto* data = start + guard;
  data += (kGpuPage - address_of(data) % kGpuPage) % kGpuPage;
  // What is left over of the alignment, so that `data` alone tells what to unmap.
  if (data - guard != start) {
    munmap(start, static_cast<std::size_t>(data - guard - start));
  }
  std::byte* end = data + whole_pages(bytes) + guard;
  if (end != start + total) {
    munmap(end, static_cast<std::size_t>(start + total - end));
  }
  if (mprotect(data, whole_pages(bytes), PROT_READ | PROT_WRITE) != 0) {
    munmap(data - guard, whole_pages(bytes) + 2 * guard);
    return nullptr;
  }
  return data;
}

}  // namespace

MemoryMap& MemoryMap::instance() {
  // Never destroyed: buffers of other static objects may outlive it.
  static auto* const map = new MemoryMap;
  return *map;
}

std::shared_ptr<Region> MemoryMap::allocate(std::size_t bytes, bool guarded) {
  auto region = std::make_shared<Region>();
  region->guard = guarded ? std::max(kLeastGuard, whole_pages(bytes)) : 0;
  std::byte* data = nullptr;
  if (guarded) {
    data = allocate_guarded(bytes, region->guard);
  } else if (data = static_cast<std::byte*>(std::aligned_alloc(kGpuPage, whole_pages(bytes)));
             data != nullptr) {
    std::memset(data, 0, bytes);
  }
  if (data == nullptr) {
    return nullptr;
  }
  region->begin = address_of(data);
  region->bytes = bytes;
  return add(std::move(region));
}

std::shared_ptr<Region> MemoryMap::adopt(void* data, std::size_t bytes) {
  auto region = std::make_shared<Region>();
  region->begin = address_of(data);
  region->bytes = bytes;
  region->is_owned = false;
  return add(std::move(region));
}

std::shared_ptr<Region> MemoryMap::add(std::shared_ptr<Region> region) {
  const std::lock_guard lock(mutex_);
  return regions_.emplace(region->begin, std::move(region))->second;
}

void MemoryMap::release(const std::shared_ptr<Region>& region, const std::string& label) {
  const std::lock_guard lock(mutex_);
  region->is_released = true;
  region->label = label;
  if (region->guard == 0) {
    erase(*region);
    if (region->is_owned) {
      std::free(region->data());
    }
    return;
  }
  // Mapped anew: the pages are given back, and an access faults.
  mmap(region->data(),
       whole_pages(region->bytes),
       PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
       -1,
       0);
  released_.push_back(region);
  if (released_.size() > kMaxReleased) {
    const Region& oldest = *released_.front();
    munmap(oldest.data() - oldest.guard, whole_pages(oldest.bytes) + 2 * oldest.guard);
    erase(oldest);
    released_.pop_front();
  }
}

void MemoryMap::erase(const Region& region) {
  const auto [first, last] = regions_.equal_range(region.begin);
  regions_.erase(
      std::find_if(first, last, [&](const auto& each) { return each.second.get() == &region; }));
}

std::shared_ptr<Region> MemoryMap::find(std::uintptr_t address) const {
  const std::lock_guard lock(mutex_);
  const auto after = regions_.upper_bound(address);
  if (after != regions_.end() && address >= after->first - after->second->guard) {
    return after->second;
  }
  return after != regions_.begin() ? std::prev(after)->second : nullptr;
}

void MemoryMap::clear_shadows() {
  const std::lock_guard lock(mutex_);
  for (const auto& [begin, region] : regions_) {
    if (region->shadow) {
      region->shadow->clear();
    }
  }
}

}  // namespace softmetal
