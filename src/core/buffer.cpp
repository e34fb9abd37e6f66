#include "core/buffer.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "ingot/error.hpp"

namespace ingot {

Buffer::Buffer(Allocation allocation, std::function<void(const Allocation&)> release)
    : block_(std::make_shared<const Block>(allocation, std::move(release))) {}

struct BufferPool::State {
  Allocate allocate;
  Release release;
  mutable std::mutex mutex;
  std::map<size_t, std::vector<Allocation>> free;  // by size class
  MemoryStatistics statistics;
  std::atomic<bool> poison = false;
  bool open = true;  // false once the pool is gone: returned blocks go straight to the device

  bool take_cached(size_t size, Allocation& block) {
    const std::lock_guard lock(mutex);
    const auto found = free.find(size);
    if (found == free.end() || found->second.empty()) {
      return false;
    }
    block = found->second.back();
    found->second.pop_back();
    statistics.cached -= size;
    ++statistics.hits;
    count_handed_out(size);
    return true;
  }

  void count_new(size_t size) {
    const std::lock_guard lock(mutex);
    ++statistics.misses;
    count_handed_out(size);
  }

  void count_handed_out(size_t size) {
    statistics.in_use += size;
    statistics.high_water = std::max(statistics.high_water, statistics.in_use);
  }

  void give_back(const Allocation& block) {
    {
      const std::lock_guard lock(mutex);
      statistics.in_use -= block.bytes;
      if (open) {
        free[block.bytes].push_back(block);
        statistics.cached += block.bytes;
        return;
      }
    }
    release(block);
  }

  void trim() {
    std::map<size_t, std::vector<Allocation>> blocks;
    {
      const std::lock_guard lock(mutex);
      blocks.swap(free);
      statistics.cached = 0;
    }
    for (const auto& [size, list] : blocks) {
      std::for_each(list.begin(), list.end(), release);
    }
  }
};

BufferPool::BufferPool(Allocate allocate, Release release) : state_(std::make_shared<State>()) {
  state_->allocate = std::move(allocate);
  state_->release = std::move(release);
}

BufferPool::~BufferPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->open = false;
  }
  state_->trim();
}

Buffer BufferPool::allocate(size_t bytes) {
  const size_t size = size_class(bytes);
  Allocation block;
  if (!state_->take_cached(size, block)) {
    block = state_->allocate(size);
    if (block.host == nullptr && block.native == nullptr) {
      state_->trim();
      block = state_->allocate(size);
    }
    if (block.host == nullptr && block.native == nullptr) {
      throw Error(ErrorCode::kOutOfMemory,
                  "memory",
                  "the device could not give " + std::to_string(size) + " bytes",
                  "use smaller tensors or process the data in parts");
    }
    block.bytes = size;
    state_->count_new(size);
  }
  if (state_->poison && block.host != nullptr) {
    std::memset(block.host, 0xA5, block.bytes);
  }
  return {block, [state = state_](const Allocation& returned) { state->give_back(returned); }};
}

void BufferPool::trim() {
  state_->trim();
}

MemoryStatistics BufferPool::statistics() const {
  const std::lock_guard lock(state_->mutex);
  return state_->statistics;
}

void BufferPool::set_poison(bool poison) {
  state_->poison = poison;
}

size_t BufferPool::size_class(size_t bytes) {
  constexpr size_t kGranule = 256;
  constexpr size_t kFineLimit = 4096;
  const size_t wanted = std::max<size_t>(bytes, 1);
  const size_t step = wanted <= kFineLimit ? kGranule : std::bit_floor(wanted - 1) / 4;
  if (wanted > SIZE_MAX - step) {
    throw Error(ErrorCode::kOutOfMemory,
                "memory",
                std::to_string(bytes) + " bytes are more than an address space holds");
  }
  return (wanted + step - 1) / step * step;
}

}  // namespace ingot
