// The order that barriers and fences bring into the accesses of a dispatch.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "softmetal/checks/shadow.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// The memories that barriers order apart from each other, by their bit in mem_flags.
enum class Space : std::uint8_t { kDevice, kThreadgroup };

/// The stretches of time that barriers cut a dispatch into, one number for each SIMD-group and
/// stretch. Numbers grow from dispatch to dispatch.
class Phases {
 public:
  struct Phase {
    std::uint32_t dispatch;
    std::uint32_t group;
    std::uint32_t simd_group;
    std::array<std::uint32_t, 2> epoch;       // by Space: barriers of the group so far
    std::array<std::uint32_t, 2> simd_epoch;  // and of the SIMD-group
  };

  /// Accesses of earlier dispatches come before what follows. Forgets the phases there were.
  void begin_window();
  void begin_dispatch();
  void begin_group(std::uint32_t group, unsigned simd_groups);

  /// All threads of the group have passed a barrier; `flags` are mem_flags.
  void barrier(unsigned flags);
  /// All threads of a SIMD-group have.
  void simdgroup_barrier(unsigned simd_group, unsigned flags);

  /// A fence of a thread: what it did before is seen by who then reads what it then writes.
  void release(std::uintptr_t atomic, unsigned thread);
  void acquire(std::uintptr_t atomic);

  std::uint32_t current(unsigned thread) const { return current_[thread / kSimdWidth]; }
  std::uint32_t first_of_group() const { return first_of_group_; }

  /// Of accesses to a space to the next ones of the running group.
  const Order& order(Space space) const { return orders_[static_cast<std::size_t>(space)]; }

  std::uint32_t dispatch() const { return dispatch_; }
  const Phase& operator[](std::uint32_t phase) const { return phases_[phase - window_]; }

  /// Whether an access of this window comes before what `thread` does now, or is its own.
  bool is_ordered(Stamp before, unsigned thread, Space space) const;

  /// No number is left: all shadows must be cleared.
  bool is_exhausted() const { return next_ > Stamp::kMaxPhase - kReserve; }
  void restart() { window_ = next_ = 1; }

 private:
  static constexpr std::uint32_t kReserve = 1u << 26;

  void update_orders();
  void start_phase(unsigned simd_group);
  void start_phases();

  // How far a group's accesses are known to come before the present: those of epochs before
  // `epoch`, and of one thread in that epoch, too.
  struct Known {
    std::array<std::uint32_t, 2> epoch;
    unsigned thread;
  };
  using Knowledge = std::unordered_map<std::uint32_t, Known>;  // by group

  std::uint32_t window_ = 1;  // zero is no phase
  std::uint32_t next_ = 1;
  std::uint32_t first_of_group_ = 1;
  std::array<Order, 2> orders_;  // by Space
  std::uint32_t dispatch_ = 0;
  Phase group_{};
  unsigned simd_groups_ = 0;
  std::array<std::array<std::uint32_t, 2>, kMaxThreads / kSimdWidth> simd_epochs_{};
  std::array<std::uint32_t, kMaxThreads / kSimdWidth> current_{};
  std::vector<Phase> phases_;
  Knowledge known_;                                         // to the running group
  std::unordered_map<std::uintptr_t, Knowledge> released_;  // by address of the atomic
};

}  // namespace softmetal
