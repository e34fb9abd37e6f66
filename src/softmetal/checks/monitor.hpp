// Watches the memory accesses of one dispatch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "softmetal/checks/findings.hpp"
#include "softmetal/checks/local_memory.hpp"
#include "softmetal/checks/memory_map.hpp"
#include "softmetal/checks/phases.hpp"
#include "softmetal/executor.hpp"

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
  void thread_starts(unsigned thread) override;
  void barrier_passed(unsigned flags) override;
  void simd_barrier_passed(unsigned simd_group, unsigned lanes, unsigned flags) override;

  // What the kernel tells; `pc` is where its call returns to.
  void access(std::uintptr_t address, std::size_t bytes, Access::Kind kind, const void* pc);
  /// A mistake that the compiler's own checks found. Stops the dispatch if it cannot go on.
  void fault(Check check, std::string message, const Place& place, const void* pc, bool is_fatal);

  /// Reports what was found. The text of the first error, or "".
  std::string finish();

 private:
  // The access that is being looked at.
  struct Current {
    std::uintptr_t address = 0;
    std::size_t bytes = 0;
    Access::Kind kind = Access::Kind::kRead;
    const void* pc = nullptr;
  };
  struct Key {
    Check check;
    std::uint64_t site;
    std::uint64_t other_site;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void threadgroup_access(std::size_t offset);
  void local_access(LocalMemory& memory, std::size_t offset);
  void device_access();
  void compare(Shadow::Range cells, Space space, std::uint32_t valid_from);
  void check_order(Stamp before, Access::Kind kind_before, Space space);
  bool is_writable(const Region& region) const;
  Region* region_of(std::uintptr_t address);

  const BoundBuffer* bound_at(std::uintptr_t address) const;
  std::uint64_t site(const void* pc) const;
  bool is_new(Check check, std::uint64_t other_site);
  Finding& add(Check check, std::string message);
  [[noreturn]] void stop(Check check, std::string message, std::string memory);
  void report_bounds();

  static inline constinit thread_local Monitor* active_ = nullptr;

  const std::unique_lock<std::mutex> lock_;  // of the process's one monitored dispatch
  const Dispatch& dispatch_;
  const CheckSet checks_;
  Scheduler& scheduler_;
  Phases& phases_;
  Describer describer_;
  Current current_;
  std::uint32_t group_ = 0;
  std::map<Key, std::size_t> known_;  // indices into findings_
  std::vector<Finding> findings_;
  std::array<Region*, 256> region_cache_{};  // by the instruction that accesses it
  std::vector<std::shared_ptr<Region>> regions_;  // keeps those in the cache alive
  std::unordered_map<const std::byte*, LocalMemory> local_memory_;  // by stack
};

}  // namespace softmetal
