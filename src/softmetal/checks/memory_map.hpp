// The memory that kernels may be given, by address.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "softmetal/checks/shadow.hpp"

namespace softmetal {

/// The memory of a buffer, perhaps of one that has been released.
struct Region {
  std::uintptr_t begin = 0;
  std::size_t bytes = 0;
  std::size_t guard = 0;  // inaccessible bytes before and behind it
  bool is_owned = true;
  std::string label;  // of a released buffer
  std::atomic<bool> is_released = false;
  std::unique_ptr<Shadow> shadow;  // made when a monitored kernel first touches it

  std::byte* data() const { return reinterpret_cast<std::byte*>(begin); }
  bool contains(std::uintptr_t address) const { return address - begin < bytes; }
};

/// All buffers of the process.
class MemoryMap {
 public:
  static MemoryMap& instance();

  /// Zeroed memory for a buffer. `guarded` puts inaccessible pages around it, so that what runs
  /// over its end cannot reach another buffer. nullptr when there is no memory.
  std::shared_ptr<Region> allocate(std::size_t bytes, bool guarded);

  /// Memory that someone else owns.
  std::shared_ptr<Region> adopt(void* data, std::size_t bytes);

  /// Gives the memory back. What was guarded stays inaccessible for a while, so that a late access
  /// is found.
  void release(const std::shared_ptr<Region>& region, const std::string& label);

  /// The region that holds the address, or whose guard does, or the last one before it. May be
  /// nullptr.
  std::shared_ptr<Region> find(std::uintptr_t address) const;

  /// Forgets all accesses.
  void clear_shadows();

 private:
  using Regions = std::multimap<std::uintptr_t, std::shared_ptr<Region>>;

  std::shared_ptr<Region> add(std::shared_ptr<Region> region);
  void erase(const Region& region);

  mutable std::mutex mutex_;
  Regions regions_;                               // by first address
  std::deque<std::shared_ptr<Region>> released_;  // guarded ones, oldest first
};

}  // namespace softmetal
