// Device memory and the pool it comes from.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ingot {

/// One block of memory as a backend hands it out.
struct Allocation {
  std::byte* host = nullptr;  // address on the host; nullptr where the host cannot see it
  void* native = nullptr;     // the backend's own handle (MTL::Buffer*, ...)
  size_t bytes = 0;
};

/// Shared handle to an Allocation. The memory goes back to its pool, or to its owner, with the last
/// handle.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Allocation allocation, std::function<void(const Allocation&)> release);

  size_t bytes() const { return block_ ? block_->allocation.bytes : 0; }
  std::byte* host() const { return block_ ? block_->allocation.host : nullptr; }
  void* native() const { return block_ ? block_->allocation.native : nullptr; }
  explicit operator bool() const { return block_ != nullptr; }

 private:
  struct Block {
    Block(Allocation memory, std::function<void(const Allocation&)> give_back)
        : allocation(memory), release(std::move(give_back)) {}
    ~Block() { release(allocation); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    Allocation allocation;
    std::function<void(const Allocation&)> release;
  };

  std::shared_ptr<const Block> block_;
};

/// What a pool holds, in bytes and counts since it was made.
struct MemoryStatistics {
  size_t in_use = 0;      // handed out, in size classes
  size_t cached = 0;      // free, kept for reuse
  size_t high_water = 0;  // the most that was ever in use
  size_t hits = 0;        // allocations served from the cache
  size_t misses = 0;      // allocations that went to the device
};

/// Reuses freed blocks by size class. Thread safe. Buffers may outlive the pool object.
class BufferPool {
 public:
  /// Makes a block of exactly `bytes` or returns an Allocation with host and native null when there
  /// is no memory.
  using Allocate = std::function<Allocation(size_t bytes)>;
  using Release = std::function<void(const Allocation&)>;

  BufferPool(Allocate allocate, Release release);
  ~BufferPool();

  /// At least `bytes` of uninitialised memory, aligned for any element. When the device has none
  /// left, cached blocks are given back and the request is tried once more. Throws
  /// Error(kOutOfMemory).
  Buffer allocate(size_t bytes);

  /// Gives all cached blocks back to the device.
  void trim();

  MemoryStatistics statistics() const;

  /// Fill every block with 0xA5 before handing it out, so that tests see what a kernel forgot to
  /// write.
  void set_poison(bool poison);

  /// The size class of a request: multiples of 256 bytes up to 4 KiB, then four classes per power
  /// of two, so that at most a fifth of a block is unused.
  static size_t size_class(size_t bytes);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ingot
