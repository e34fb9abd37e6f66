// What a check can see of a dispatch while it runs.
#pragma once

#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// Is told what begins and orders the threads of a dispatch, which then runs on one worker.
/// Called on the stack of a kernel's thread: must neither throw nor switch threads.
class Observer {
 public:
  virtual ~Observer() = default;

  virtual void group_begins(const Group& group) = 0;
  /// All threads of the group have reached a barrier and go on. `flags` of metal::mem_flags are
  /// those that all of them gave.
  virtual void barrier_passed(unsigned flags) = 0;
  /// `lanes` of a SIMD-group have met in simdgroup_barrier and go on.
  virtual void simd_barrier_passed(unsigned simd_group, unsigned lanes, unsigned flags) = 0;
};

}  // namespace softmetal
