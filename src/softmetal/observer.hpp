// What a check can see of a dispatch while it runs.
#pragma once

#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// Is told what starts, ends and orders the threads of a dispatch, which then runs on one worker.
/// Called on the stack of a kernel's thread: must neither throw nor switch threads.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void group_begins(const Group& /*group*/) {}
  virtual void group_ends(const Group& /*group*/) {}
  virtual void thread_starts(unsigned /*thread*/) {}
  virtual void thread_ends(unsigned /*thread*/) {}
  /// All threads of the group have reached a barrier and go on. `flags` of metal::mem_flags are
  /// those that all of them gave.
  virtual void barrier_passed(unsigned /*flags*/) {}
  /// `lanes` of a SIMD-group have met in simdgroup_barrier and go on.
  virtual void simd_barrier_passed(unsigned /*simd_group*/,
                                   unsigned /*lanes*/,
                                   unsigned /*flags*/) {}
};

}  // namespace softmetal
