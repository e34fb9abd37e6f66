// Runs the threads of one threadgroup on one worker: as a loop while none blocks, as fibers once
// one does.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "softmetal/fault.hpp"
#include "softmetal/fiber.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

class ThreadgroupLayout;

/// A worker's scheduler. Threads run in order of their index until they block; then the oldest
/// ready thread goes on, or, if there is none, the next thread starts on a fresh fiber.
class Scheduler {
 public:
  Scheduler();

  /// The scheduler of the calling worker.
  static Scheduler& local();

  /// The scheduler of the calling worker, which is running a kernel.
  static Scheduler& current() { return *running_kernel; }

  /// Memory for the threadgroup variables and arguments; poisoned before each group, never zeroed,
  /// so that a kernel that reads what it has not written gives wrong answers every time.
  std::byte* threadgroup_memory() { return memory_.get(); }

  /// Runs a group to its end. Returns what went wrong, or "".
  std::string run(const Entry& entry, const ThreadgroupLayout& layout, Group& group);

  /// For signal handlers: if the calling thread runs a kernel, gives up its group and does not
  /// return.
  static void fault(int signal, const void* address);

  // What the kernel calls, through Runtime.
  void barrier();
  void collective(Collective& call);
  unsigned thread_index() const { return group_->current; }
  void thread_finished();
  void* threadgroup_variable(unsigned index);

 private:
  // A thread that stopped: which one, and the fiber that holds its frames.
  struct Waiting {
    Fiber* fiber;
    unsigned thread;
  };
  // What lanes that are in a SIMD-group function left.
  struct SimdGroup {
    std::array<Collective*, kSimdWidth> calls;
    std::array<Fiber*, kSimdWidth> fibers;
  };
  // First in, first out; a group has at most kMaxThreads waiting threads, so it never overflows.
  class Queue {
   public:
    bool empty() const { return head_ == tail_; }
    unsigned size() const { return tail_ - head_; }
    void clear() { head_ = tail_ = 0; }
    void push(Waiting thread) { threads_[tail_++ % kMaxThreads] = thread; }
    Waiting pop() { return threads_[head_++ % kMaxThreads]; }

   private:
    std::array<Waiting, kMaxThreads> threads_;
    unsigned head_ = 0;
    unsigned tail_ = 0;
  };

  [[noreturn]] static void fiber_main();
  std::string describe_fault(int signal, const void* address) const;
  void reset();
  void wait();
  Fiber& choose_next();
  Fiber& fresh_fiber();
  bool perform_if_complete(unsigned simd_group, unsigned self);

  // Set while the thread is inside of a kernel.
  static inline constinit thread_local Scheduler* running_kernel = nullptr;

  FaultStack fault_stack_;
  FiberPool pool_;
  std::vector<Fiber*> idle_;     // fibers of this group that have ended
  std::size_t fibers_used_ = 0;  // of the pool, by this group
  Fiber worker_;                 // the worker's own stack
  Fiber* running_ = nullptr;
  std::unique_ptr<Queue> ready_ = std::make_unique<Queue>();
  std::unique_ptr<Queue> at_barrier_ = std::make_unique<Queue>();
  // By SIMD-group, one bit a lane: which are in a SIMD-group function, which in
  // threadgroup_barrier.
  std::array<unsigned, kMaxThreads / kSimdWidth> lanes_waiting_{};
  std::array<unsigned, kMaxThreads / kSimdWidth> lanes_at_barrier_{};
  std::array<SimdGroup, kMaxThreads / kSimdWidth> simd_groups_;
  std::unique_ptr<std::byte[]> memory_;

  const Entry* entry_ = nullptr;
  const ThreadgroupLayout* layout_ = nullptr;
  Group* group_ = nullptr;
  std::string failure_;
};

}  // namespace softmetal
