// Watches the memory accesses of one dispatch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "softmetal/checks/describer.hpp"
#include "softmetal/checks/findings.hpp"
#include "softmetal/checks/local_memory.hpp"
#include "softmetal/checks/memory_map.hpp"
#include "softmetal/checks/phases.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/observer.hpp"

namespace softmetal {

class Scheduler;

/// The monitor of a dispatch whose kernel is compiled with checks. The groups run one after the
/// other on the calling thread; one monitored dispatch runs at a time in a process.
class Monitor final : public Observer {
 public:
  Monitor(const Dispatch& dispatch, CheckSet checks, Scheduler& scheduler);
  ~Monitor() override;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// Of the dispatch that the calling thread runs; nullptr without checks.
  static Monitor* active() { return active_; }

  // What the scheduler tells.
  void group_begins(const Group& group) override;
  void barrier_passed(unsigned flags) override;
  void simd_barrier_passed(unsigned simd_group, unsigned lanes, unsigned flags) override;

  // What the kernel tells; `pc` is where its call returns to.
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
  std::string finish();

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

  void stop();
  void start_thread(unsigned thread);
  void look_at_access();
  void follow_fences();
  void threadgroup_access(std::size_t offset);
  void local_access(LocalMemory& memory, std::size_t offset);
  void device_access();
  Region* region_of_access();
  bool is_read_only(const Region& region) const;
  void compare(Shadow::Range cells, Space space);
  void check_order(Stamp before, Access::Kind kind_before, Space space);

  std::uint64_t site(const void* pc) const;
  Finding* find_or_add(Check check, std::uint64_t other_site);
  void add_conflict(Stamp before, Access::Kind kind_before, Space space);
  void add_fatal(Check check, std::string message, std::string memory);
  Access describe_access() const;

  static inline constinit thread_local Monitor* active_ = nullptr;

  const std::unique_lock<std::mutex> lock_;  // of the process's one monitored dispatch
  const Dispatch& dispatch_;
  const CheckSet checks_;
  Scheduler& scheduler_;
  Phases& phases_;
  const Describer describer_;
  const std::uintptr_t object_begin_;
  const std::uintptr_t object_end_;

  Current current_;
  bool must_stop_ = false;
  Shadow& threadgroup_shadow_;
  std::array<unsigned, kMaxThreads / kSimdWidth> started_{};  // a bit for each thread of the group

  // By thread of the group: whether it has passed a releasing fence, and the atomic objects it has
  // read since an acquiring one.
  struct Fences {
    bool released = false;
    std::vector<std::uintptr_t> seen;
  };
  std::array<Fences, kMaxThreads> fences_;

  std::array<Region*, 256> region_of_site_{};
  std::vector<std::shared_ptr<Region>> regions_;  // keeps those of region_of_site_ alive

  std::map<Key, std::size_t> index_of_;
  std::vector<Finding> findings_;
};

}  // namespace softmetal
