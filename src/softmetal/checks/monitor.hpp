// Watches the memory accesses of one dispatch.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "softmetal/checks/describer.hpp"
#include "softmetal/checks/fences.hpp"
#include "softmetal/checks/finding_set.hpp"
#include "softmetal/checks/history.hpp"
#include "softmetal/checks/local_memory.hpp"
#include "softmetal/checks/watched_memory.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/observer.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {

/// The monitor of a dispatch whose kernel is compiled with checks. The groups run one after the
/// other on the calling thread; one monitored dispatch runs at a time in a process.
class Monitor final : public Observer {
 public:
  Monitor(const Dispatch& dispatch, CheckSet checks, Scheduler& scheduler);
  ~Monitor() override;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// Of the dispatch that runs, for its kernel.
  static Monitor& active() { return *active_; }

  // What the scheduler tells.
  void group_begins(const Group& group) override;
  void barrier_passed(unsigned flags) override;
  void simd_barrier_passed(unsigned simd_group, unsigned lanes, unsigned flags) override;

  // What the kernel tells; `pc` is where its call returns to.

  /// A load or a store. Nearly all of them are to memory that the site has accessed before, and
  /// meet nothing there: it takes few instructions to see that, without a frame on the stack.
  template <std::size_t kBytes, bool kIsWrite>
  [[gnu::always_inline]] void access(std::uintptr_t address, const void* pc) {
    constexpr Access::Kind kKind = kIsWrite ? Access::Kind::kWrite : Access::Kind::kRead;
    if (scheduler_.count_access()) [[unlikely]] {
      return preempt_and_look_at(address, kBytes, kKind, pc);
    }
    const WatchedMemory& memory = *memory_of_site(pc);
    if (!memory.holds(address, kBytes) || (kIsWrite && !memory.is_writable) ||
        (memory.shadow != nullptr && !remember<kBytes, kIsWrite>(memory, address, pc)))
        [[unlikely]] {
      return look_at(address, kBytes, kKind, pc);
    }
  }
  void access(std::uintptr_t address, std::size_t bytes, Access::Kind kind, const void* pc);
  void fence(bool releases, bool acquires);
  /// A mistake that the compiler's own checks found. `is_fatal`: the kernel cannot go on.
  void fault(Check check, std::string message, const Place& place, const void* pc, bool is_fatal);

  /// Leaves the kernel if it cannot go on. Nothing may stand on the calls' frames that needs to be
  /// destroyed.
  void stop_if_fatal() {
    if (must_stop_) [[unlikely]] {
      stop();
    }
  }

  /// Reports what was found. The text of the first error, or "".
  Failure finish();

 private:
  // The access that is being looked at.
  struct Current {
    std::uintptr_t address = 0;
    std::size_t bytes = 0;
    Access::Kind kind = Access::Kind::kRead;
    const void* pc = nullptr;

    bool is_atomic() const { return kind >= Access::Kind::kAtomicRead; }
    bool writes() const { return kind != Access::Kind::kRead && kind != Access::Kind::kAtomicRead; }
    bool reads() const {
      return kind != Access::Kind::kWrite && kind != Access::Kind::kAtomicWrite;
    }
    // "a write of 4 bytes"
    std::string name() const;
  };
  // What makes two findings the same mistake.
  struct Key {
    Check check;
    std::uint64_t site;
    std::uint64_t other_site;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // monitor.cpp: what the kernel tells, and what is found
  void look_at(std::uintptr_t address, std::size_t bytes, Access::Kind kind, const void* pc);
  void preempt_and_look_at(std::uintptr_t address,
                           std::size_t bytes,
                           Access::Kind kind,
                           const void* pc);
  void stop();
  Finding* find_or_add(Check check, std::uint64_t other_site = 0);
  void add_fatal(Check check, std::string message, std::string memory);
  Access describe_access() const;
  std::uint64_t site(const void* pc) const {
    return reinterpret_cast<std::uintptr_t>(pc) - object_begin_;
  }

  // monitor_memory.cpp: which memory an access is to, and whether it may
  WatchedMemory*& memory_of_site(const void* pc) {
    return memory_of_site_[(reinterpret_cast<std::uintptr_t>(pc) >> 3) % memory_of_site_.size()];
  }
  WatchedMemory* memory_of_access();
  WatchedMemory* threadgroup_memory(std::size_t offset);
  WatchedMemory* device_memory();
  WatchedMemory& known_or_new(const WatchedMemory& memory);
  WatchedMemory& watch(const std::shared_ptr<Region>& region);
  bool is_read_only(const Region& region) const;
  void remember_from_now(WatchedMemory& memory);
  void local_access(Fiber& fiber, std::size_t offset);
  void write_to_read_only(WatchedMemory& memory);

  // monitor_order.cpp: the accesses before it
  Stamp stamp(bool is_atomic, const void* pc) const {
    const unsigned thread = scheduler_.current_thread();
    return {phases_.current(thread), thread, is_atomic, reinterpret_cast<std::uintptr_t>(pc)};
  }
  // Makes the cells remember the access; false if one has to look closer.
  template <std::size_t kBytes, bool kIsWrite>
  [[gnu::always_inline]] bool remember(const WatchedMemory& memory,
                                       std::uintptr_t address,
                                       const void* pc) const {
    const std::size_t offset = address - memory.shadow_begin;
    if (!memory.shadow->is_plain(offset, kBytes)) [[unlikely]] {
      return false;
    }
    const Stamp now = stamp(false, pc);
    const Shadow::Range cells = memory.shadow->plain_cells(offset, kBytes);
    for (Cell* cell = cells.begin; cell != cells.end; ++cell) {
      if (!(kIsWrite ? cell->remember_write(now, *memory.order)
                     : cell->remember_read(now, *memory.order))) [[unlikely]] {
        return false;
      }
    }
    return true;
  }
  void compare(const WatchedMemory& memory);
  void check_written(Shadow::Range cells);
  void check_order(Stamp before, Access::Kind kind_before, Space space);
  void add_conflict(Stamp before, Access::Kind kind_before, Space space);
  std::string describe_memory(Space space) const;

  static inline Monitor* active_ = nullptr;  // who has the lock

  const std::unique_lock<std::mutex> lock_;  // of the process's one monitored dispatch
  const Dispatch& dispatch_;
  const CheckSet checks_;
  Scheduler& scheduler_;
  History& history_;
  Phases& phases_;
  const Describer describer_;
  const std::uintptr_t object_begin_;

  Current current_;
  bool must_stop_ = false;
  Fences fences_;

  std::deque<WatchedMemory> memories_;  // as far as they have been accessed
  std::array<WatchedMemory*, 512> memory_of_site_;

  FindingSet<Key, Finding> findings_;
};

}  // namespace softmetal
