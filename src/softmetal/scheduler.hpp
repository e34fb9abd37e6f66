// Runs the threads of one threadgroup on one worker: as a loop while none blocks, as fibers once
// one does.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "softmetal/failure.hpp"
#include "softmetal/fault.hpp"
#include "softmetal/fiber.hpp"
#include "softmetal/schedule_order.hpp"
#include "softmetal/seen_values.hpp"
#include "softmetal/shim/softmetal/abi.h"
#include "softmetal/thread_queue.hpp"
#include "softmetal/turns.hpp"
#include "softmetal/watchdog.hpp"

namespace softmetal {

class Convergence;
struct Dispatch;

/// A worker's scheduler. Without a schedule, threads run in order of their index until they block;
/// then the oldest ready thread goes on, or, if there is none, the next thread starts on a fresh
/// fiber. With one, it chooses at every barrier, SIMD-group function, pause and end of a thread.
class Scheduler {
 public:
  /// Threadgroup memory, and room for the gaps of a checked build.
  static constexpr std::size_t kArenaBytes = 4 * kThreadgroupMemoryLimit;

  Scheduler();

  /// The scheduler of the calling worker.
  static Scheduler& local();

  /// The scheduler of the calling worker, which is running a kernel.
  static Scheduler& current() { return *softmetal_turns.scheduler; }

  /// Memory for the threadgroup variables and arguments; poisoned before each group, never zeroed,
  /// so that a kernel that reads what it has not written gives wrong answers every time.
  std::byte* threadgroup_memory() { return memory_.get(); }

  /// Why a group did not come to its end.
  struct Stopped {
    Failure reason;
    std::optional<Finding> finding;  // the same as a finding, if it is one
  };

  /// What the groups of a dispatch have in common.
  struct Mode {
    std::uint64_t number = 0;            // of the run, from 1 on: no other has it
    const Schedule* schedule = nullptr;  // none: as fast as possible
    Convergence* convergence = nullptr;  // of the checks "barrier" and "divergence"
  };

  /// Runs a group of a dispatch to its end, if nothing goes wrong.
  std::optional<Stopped> run(const Dispatch& dispatch, const Mode& mode, const Group& group);

  /// Gives up the running group; execute() then fails.
  [[noreturn]] void abandon();

  // For checks, while a kernel runs.
  Fiber& running_fiber() const { return *running_; }
  unsigned current_thread() const { return group_.current; }
  /// Whether the address lies in the stack of a thread of the group, or where SIMD-group functions
  /// work: below where the worker stopped.
  bool owns_stack(std::uintptr_t address) const {
    constexpr std::uintptr_t kRoom = 64 * 1024;
    return reinterpret_cast<std::uintptr_t>(worker_.stack_pointer) - address < kRoom ||
           pool_.owns(address);
  }

  /// For signal handlers: if the calling thread runs a kernel, gives up its group and does not
  /// return. The watchdog's signal is obeyed only if it is still meant and the code is the
  /// kernel's: the scheduler's own must not be left half done. It asks again soon.
  static void fault(const Fault& fault);

  // What the kernel calls, through Runtime. A site is an address that the kernel calls from. Those
  // that give a fiber leave it to the caller to stop the running one and go on with that; it may be
  // the same.
  Fiber& barrier(unsigned flags, const void* site);
  Fiber& collective(Collective& call);
  Fiber& next_thread();
  void thread_finished();
  void poll(const volatile void* object, unsigned long value, const void* site);
  /// Lets the other threads of the group go first.
  void pause(const void* site);
  /// Counts an access to memory in a build with checks. True now and then: preempt() is due.
  bool count_access() { return --accesses_left_ == 0; }
  /// A random schedule lets another thread go on.
  void preempt(const void* site);
  void* threadgroup_variable(unsigned index) { return memory_.get() + variable_offsets_[index]; }

 private:
  // What lanes that are in a SIMD-group function left.
  struct SimdGroup {
    std::array<Collective*, kSimdWidth> calls;
    std::array<Fiber*, kSimdWidth> fibers;
  };
  [[noreturn]] static void fiber_main();
  // Why a group was given up.
  struct Stop {
    enum class Reason {
      kNone,
      kFault,         // see `fault`
      kTimeout,       // told by the watchdog
      kNothingMoves,  // all threads that have not ended wait, and not only in a barrier
      kBarrier,       // some wait in a barrier, the others have returned
      kNoStack,       // see `text`
      kAbandoned,     // by a check, which has reported why
    };
    Reason reason = Reason::kNone;
    Fault fault;
    std::string text;
  };
  [[noreturn]] void stop(Stop::Reason reason);
  Stopped explain_stop() const;
  Failure explain_fault() const;
  Finding describe_barrier() const;
  Finding describe_hang() const;
  std::string thread_or_group(unsigned thread) const;
  std::string states_of_threads() const;

  void reset();
  void wait();
  void draw_preemption();
  bool is_random() const {
    return schedule_ != nullptr && schedule_->order == Schedule::Order::kRandom;
  }
  void stop_if_asked(const void* site);
  void forget_seen_values();
  void resume_paused();
  Fiber& choose_next_slowly();
  bool is_turn_of_ready();
  Fiber& take_ready();
  unsigned threads_to_start() const;
  void name_thread_to_start();
  Fiber& fresh_fiber();
  bool perform(unsigned simd_group, unsigned self);
  bool release(unsigned simd_group, unsigned lanes, unsigned self);

  // A thread has ended or come to where threads meet.
  void came_forward() {
    heartbeat_.beat();
    if (schedule_ != nullptr) {
      forget_seen_values();
    }
  }

  // The running thread, to be put where it will be found again.
  Fiber& stop_running() {
    running_->thread = group_.current;
    return *running_;
  }

  Fiber& resume(Fiber& fiber) {
    group_.current = fiber.thread;
    return *(running_ = &fiber);
  }

  // The fiber to go on with: a ready one, a fresh one for a thread not yet started, or the worker
  // when the group is done or stuck. Paused threads come last: they wait for what others do.
  Fiber& choose_next() {
    if (schedule_ == nullptr) {
      if (!ready_->empty()) {
        return resume(ready_->pop_first());
      }
      if (group_.next < group_.end && idle_count_ != 0) {
        return *(running_ = idle_[--idle_count_]);
      }
    }
    return choose_next_slowly();
  }

  // Whether every lane of a SIMD-group is waiting in a SIMD-group function, at a barrier or
  // finished.
  bool is_complete(unsigned simd_group) const {
    return lanes_waiting_[simd_group] ==
           (lanes_existing_[simd_group] & ~group_.finished[simd_group] &
            ~lanes_at_barrier_[simd_group]);
  }

  FaultStack fault_stack_;
  FiberPool pool_;
  std::uint64_t number_ = 0;     // of the run that the fibers belong to
  std::size_t fibers_used_ = 0;  // of the pool, by this run
  unsigned idle_count_ = 0;
  std::array<Fiber*, kMaxThreads> idle_;  // those that wait in the kernel's loop for a thread
  Fiber worker_;                          // the worker's own stack
  Fiber* running_ = nullptr;
  std::unique_ptr<ThreadQueue> ready_ = std::make_unique<ThreadQueue>();
  std::unique_ptr<ThreadQueue> at_barrier_ = std::make_unique<ThreadQueue>();
  std::unique_ptr<ThreadQueue> paused_ = std::make_unique<ThreadQueue>();
  unsigned barrier_flags_ = ~0u;  // that all threads at the barrier gave
  // Of polls: what the last one saw, and how many more may follow before a pause.
  const volatile void* polled_object_ = nullptr;
  unsigned long polled_value_ = 0;
  int patience_ = 0;
  // By thread: where it waits at a barrier or paused.
  std::array<const void*, kMaxThreads> sites_;
  // By SIMD-group, one bit a lane: which there are, which are in a SIMD-group function, which in
  // threadgroup_barrier.
  std::array<unsigned, kMaxThreads / kSimdWidth> lanes_existing_{};
  std::array<unsigned, kMaxThreads / kSimdWidth> lanes_waiting_{};
  std::array<unsigned, kMaxThreads / kSimdWidth> lanes_at_barrier_{};
  std::array<SimdGroup, kMaxThreads / kSimdWidth> simd_groups_;
  std::unique_ptr<std::byte[]> memory_;

  const Dispatch* dispatch_ = nullptr;
  const std::size_t* variable_offsets_ = nullptr;  // in the memory, by index
  const Schedule* schedule_ = nullptr;
  Convergence* convergence_ = nullptr;
  Group group_{};
  Stop stop_;
  Heartbeat heartbeat_{&group_.next};
  bool performing_ = false;  // a SIMD-group function; its accesses are not a thread's own

  // With a schedule.
  unsigned started_ = 0;  // threads of the group
  StartOrder start_order_;
  RandomNumbers random_;
  std::unique_ptr<SeenValues> seen_;  // since a thread last came forward
  unsigned idle_rounds_ = 0;          // in which all threads only paused and saw nothing new
  unsigned signals_ = 0;              // from the watchdog
  unsigned accesses_left_ = 0;        // until preempt()
};

}  // namespace softmetal
