// The memory that a monitored kernel may touch, as far as the kernel has touched it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "softmetal/checks/memory_map.hpp"
#include "softmetal/checks/phases.hpp"
#include "softmetal/checks/shadow.hpp"

namespace softmetal {

/// A buffer, a piece of threadgroup memory, or the constants of the program.
struct WatchedMemory {
  std::uintptr_t begin = 0;
  std::size_t bytes = 0;
  Space space = Space::kDevice;
  bool is_writable = true;
  std::shared_ptr<Region> region = nullptr;  // of a buffer
  const std::atomic<bool>* is_released = &kNeverReleased;
  Shadow* shadow = nullptr;         // none: nothing needs to be remembered
  std::uintptr_t shadow_begin = 0;  // the address of its first cell
  const Order* order = nullptr;     // for the cells

  bool holds(std::uintptr_t address, std::size_t size) const {
    const std::uintptr_t offset = address - begin;
    return offset < bytes && size <= bytes - offset &&
           !is_released->load(std::memory_order_relaxed);
  }
  Shadow::Range cells(std::uintptr_t address, std::size_t size) const {
    return shadow->cells(address - shadow_begin, size);
  }

  static inline const std::atomic<bool> kNeverReleased = false;
};

}  // namespace softmetal
