// The calls of a kernel that may end a thread's turn: they come back when it is its turn again.
#pragma once

#include "softmetal/fiber.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {
class Scheduler;
}

extern "C" {

// For Runtime. A kernel jumps here from functions of its own, so that a call's return address is
// the place in the shader.
void softmetal_barrier(unsigned flags);
void softmetal_collective(softmetal::Collective* call);
void softmetal_next_thread();

/// Of a worker that is inside of a kernel.
struct SoftmetalTurns {
  void** worker_stack_pointer;  // where its own stack stopped, which has room below
  softmetal::Scheduler* scheduler;
};
extern thread_local constinit SoftmetalTurns softmetal_turns
    __attribute__((visibility("hidden"), tls_model("initial-exec")));
}
