// What the fences of a group's threads order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "softmetal/checks/phases.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// Fences order through the atomic objects beside them: what a thread did before a releasing fence
/// comes before what another does behind an acquiring one, if the one wrote an object after its
/// fence that the other has read before its own.
class Fences {
 public:
  explicit Fences(Phases& phases) : phases_(phases) {}

  void begin_group();
  void fence(unsigned thread, bool releases, bool acquires);
  void atomic_access(unsigned thread, std::uintptr_t address, bool reads, bool writes);

 private:
  // Of a thread: whether it has passed a releasing fence, and the atomic objects it has read since
  // an acquiring one.
  struct State {
    bool is_used = false;
    bool released = false;
    std::vector<std::uintptr_t> seen;
  };
  State& state(unsigned thread);

  Phases& phases_;
  std::array<State, kMaxThreads> states_;
  std::vector<unsigned> used_;  // by this group
};

}  // namespace softmetal
