#include "softmetal/turns.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "softmetal/checks/convergence.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/observer.hpp"
#include "softmetal/sanitizers.hpp"
#include "softmetal/saved_registers.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {

Fiber& Scheduler::barrier(unsigned flags, const void* site) {
  came_forward();
  const unsigned thread = group_.current;
  const unsigned simd_group = thread / kSimdWidth;
  sites_[thread] = site;
  lanes_at_barrier_[simd_group] |= 1u << thread % kSimdWidth;
  if (lanes_waiting_[simd_group] != 0 && is_complete(simd_group)) {
    perform(simd_group, thread);
  }
  barrier_flags_ &= flags;
  at_barrier_->push(stop_running());
  if (at_barrier_->size() == group_.thread_count) {
    if (dispatch_->observer != nullptr) {
      dispatch_->observer->barrier_passed(barrier_flags_);
    }
    if (convergence_ != nullptr) {
      convergence_->barrier_complete(group_, {sites_.data(), group_.thread_count});
    }
    barrier_flags_ = ~0u;
    lanes_at_barrier_.fill(0);
    std::swap(ready_, at_barrier_);  // nobody was ready: all are here
  }
  return choose_next();
}

Fiber& Scheduler::collective(Collective& call) {
  came_forward();
  const unsigned thread = group_.current;
  const unsigned simd_group = thread / kSimdWidth;
  const unsigned lane = thread % kSimdWidth;
  simd_groups_[simd_group].calls[lane] = &call;
  simd_groups_[simd_group].fibers[lane] = &stop_running();
  lanes_waiting_[simd_group] |= 1u << lane;
  ++group_.blocked_in_simd_groups;
  return is_complete(simd_group) && perform(simd_group, thread) ? *running_ : choose_next();
}

// The running fiber keeps its place in the kernel's loop: who resumes it there starts a thread.
Fiber& Scheduler::next_thread() {
  came_forward();
  idle_[idle_count_++] = running_;
  return choose_next();
}

// When no thread is ready, or a schedule chooses.
Fiber& Scheduler::choose_next_slowly() {
  if (ready_->empty() && !paused_->empty() && threads_to_start() == 0) {
    resume_paused();
  }
  if (schedule_ == nullptr ? !ready_->empty() : is_turn_of_ready()) {
    return resume(schedule_ == nullptr ? ready_->pop_first() : take_ready());
  }
  if (threads_to_start() != 0) {
    if (schedule_ != nullptr) {
      name_thread_to_start();
    }
    return *(running_ = &fresh_fiber());
  }
  // SIMD-group functions complete as soon as every lane is accounted for, so only a barrier can be
  // left incomplete.
  if (!at_barrier_->empty()) {
    stop_.reason = Stop::Reason::kBarrier;
  }
  return *(running_ = &worker_);
}

// One that is idle in the kernel's loop, or enters it. Called by a kernel, which no exception may
// cross.
Fiber& Scheduler::fresh_fiber() {
  if (idle_count_ != 0) {
    return *idle_[--idle_count_];
  }
  try {
    Fiber& fiber = pool_[fibers_used_];
    prepare(fiber, fiber_main);
    ++fibers_used_;
    return fiber;
  } catch (const std::exception& error) {
    stop_ = {.reason = Stop::Reason::kNoStack, .fault = {}, .text = error.what()};
    return worker_;
  }
}

}  // namespace softmetal

using softmetal::Collective;
using softmetal::Fiber;
using softmetal::Scheduler;

thread_local constinit SoftmetalTurns softmetal_turns = {};

#if defined(SOFTMETAL_ASAN) || defined(SOFTMETAL_TSAN)

namespace {

template <class Choose>
void take_turn(const Choose& choose) {
  Scheduler& scheduler = Scheduler::current();
  Fiber& self = scheduler.running_fiber();
  Fiber& next = choose(scheduler);
  if (&next != &self) {
    switch_fiber(self, next);
  }
}

}  // namespace

void softmetal_barrier(unsigned flags) {
  const void* site = __builtin_return_address(0);
  take_turn([&](Scheduler& scheduler) -> Fiber& { return scheduler.barrier(flags, site); });
}

void softmetal_collective(Collective* call) {
  take_turn([&](Scheduler& scheduler) -> Fiber& { return scheduler.collective(*call); });
}

void softmetal_next_thread() {
  take_turn([](Scheduler& scheduler) -> Fiber& { return scheduler.next_thread(); });
}

#else

// Each gets its function's argument, where the kernel calls it from, and where the calling fiber
// has been stopped, and gives where to go on.
extern "C" {

[[gnu::used, gnu::visibility("hidden")]] void* softmetal_choose_at_barrier(unsigned flags,
                                                                           const void* site,
                                                                           void* stack_pointer,
                                                                           Scheduler& scheduler) {
  scheduler.running_fiber().stack_pointer = stack_pointer;
  return scheduler.barrier(flags, site).stack_pointer;
}

[[gnu::used, gnu::visibility("hidden")]] void* softmetal_choose_at_collective(
    Collective* call, const void* /*site*/, void* stack_pointer, Scheduler& scheduler) {
  scheduler.running_fiber().stack_pointer = stack_pointer;
  return scheduler.collective(*call).stack_pointer;
}

[[gnu::used, gnu::visibility("hidden")]] void* softmetal_choose_next_thread(std::uintptr_t,
                                                                            const void* /*site*/,
                                                                            void* stack_pointer,
                                                                            Scheduler& scheduler) {
  scheduler.running_fiber().stack_pointer = stack_pointer;
  return scheduler.next_thread().stack_pointer;
}
}

static_assert(offsetof(SoftmetalTurns, worker_stack_pointer) == 0 &&
              offsetof(SoftmetalTurns, scheduler) == 8);

// The choice is made on the worker's stack, whose memory is always at hand, while a fiber's is
// fetched for a moment only. A jump goes on, not a return: the processor expects a return to where
// the last call came from, and that was another fiber's.
#if defined(__x86_64__)
#define SOFTMETAL_TURN(name, choose)                                    \
  SOFTMETAL_ASM_FUNCTION(name,                                          \
                         "movq (%rsp), %rsi\n" SOFTMETAL_SAVE_REGISTERS \
                         "movq %rsp, %rdx\n"                            \
                         "movq softmetal_turns@gottpoff(%rip), %rax\n"  \
                         "movq %fs:8(%rax), %rcx\n"                     \
                         "movq %fs:(%rax), %rax\n"                      \
                         "movq (%rax), %rsp\n"                          \
                         "subq $8, %rsp\n"                              \
                         "call " choose                                 \
                         "\n"                                           \
                         "movq %rax, %rsp\n" SOFTMETAL_LOAD_REGISTERS   \
                         "popq %rcx\n"                                  \
                         "jmpq *%rcx\n")
#else
#define SOFTMETAL_TURN(name, choose)                                        \
  SOFTMETAL_ASM_FUNCTION(name,                                              \
                         "mov x1, x30\n" SOFTMETAL_SAVE_REGISTERS           \
                         "mov x2, sp\n"                                     \
                         "mrs x9, tpidr_el0\n"                              \
                         "adrp x10, :gottprel:softmetal_turns\n"            \
                         "ldr x10, [x10, :gottprel_lo12:softmetal_turns]\n" \
                         "add x9, x9, x10\n"                                \
                         "ldp x9, x3, [x9]\n"                               \
                         "ldr x9, [x9]\n"                                   \
                         "mov sp, x9\n"                                     \
                         "bl " choose                                       \
                         "\n"                                               \
                         "mov sp, x0\n" SOFTMETAL_LOAD_REGISTERS "br x30\n")
#endif

SOFTMETAL_TURN("softmetal_barrier", "softmetal_choose_at_barrier");
SOFTMETAL_TURN("softmetal_collective", "softmetal_choose_at_collective");
SOFTMETAL_TURN("softmetal_next_thread", "softmetal_choose_next_thread");

#endif
