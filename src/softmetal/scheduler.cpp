#include "softmetal/scheduler.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <signal.h>
#include <sstream>
#include <utility>

#include "ingot/error.hpp"

#include "softmetal/executor.hpp"

namespace softmetal {
namespace {

// The bit pattern of memory that nothing has written: a large negative number as an integer, -2.7e7
// as a float.
constexpr int kPoison = 0xCB;

// Threadgroup memory, and room for the gaps of a checked build.
constexpr std::size_t kArenaBytes = 4 * kThreadgroupMemoryLimit;

// The lanes that exist in a SIMD-group; the last one of a group may be partial.
unsigned existing_lanes(const Group& group, unsigned simd_group) {
  const unsigned count = std::min(group.thread_count - simd_group * kSimdWidth, kSimdWidth);
  return count == kSimdWidth ? ~0u : (1u << count) - 1;
}

}  // namespace

Scheduler::Scheduler() : memory_(new std::byte[kArenaBytes]) {}

Scheduler& Scheduler::local() {
  thread_local Scheduler scheduler;
  return scheduler;
}

std::string Scheduler::run(const Entry& entry, const ThreadgroupLayout& layout, Group& group) {
  entry_ = &entry;
  layout_ = &layout;
  group_ = &group;
  std::memset(memory_.get(), kPoison, layout.bytes());
  reset();
  // Never on the worker's own stack: a group that fails is left where it stands, with its frames.
  if (Fiber& first = choose_next(); &first != &worker_) {
    running_kernel = this;
    switch_fiber(worker_, first);
    running_kernel = nullptr;
  }
  return std::exchange(failure_, "");
}

void Scheduler::fault(int signal, const void* address) {
  Scheduler* self = running_kernel;
  if (self == nullptr) {
    return;
  }
  self->failure_ = self->describe_fault(signal, address);
  leave_fiber(*self->running_, self->worker_);
}

std::string Scheduler::describe_fault(int signal, const void* address) const {
  if (signal == SIGFPE) {
    return "integer division by zero, or of the least integer by -1";
  }
  // A guard page lies below the stack; a large frame may step over it, but hardly by more than
  // another stack.
  const auto* at = static_cast<const std::byte*>(address);
  if (at < running_->stack_base && at >= running_->stack_base - running_->stack_bytes) {
    return "stack overflow (a thread has " + std::to_string(running_->stack_bytes / 1024) +
           " KiB for its local variables and calls)";
  }
  std::ostringstream text;
  text << "invalid memory access";
  if (address != nullptr) {
    text << " at " << address;
  }
  return text.str();
}

void Scheduler::reset() {
  idle_.clear();
  fibers_used_ = 0;
  ready_->clear();
  at_barrier_->clear();
  lanes_at_barrier_.fill(0);
  lanes_waiting_.fill(0);
}

// Where every fiber begins: runs threads until none is left to start, then gives the worker to
// whoever is ready.
void Scheduler::fiber_main() {
  enter_fiber();
  Scheduler& self = current();
  self.entry_->run(self.group_);
  Fiber& ended = *self.running_;
  self.idle_.push_back(&ended);
  leave_fiber(ended, self.choose_next());
}

// The fiber to go on with: a ready one, a fresh one for the threads not yet started, or the worker
// when the group is done or stuck.
Fiber& Scheduler::choose_next() {
  if (!ready_->empty()) {
    const Waiting next = ready_->pop();
    group_->current = next.thread;
    return *(running_ = next.fiber);
  }
  if (group_->next < group_->thread_count) {
    return *(running_ = &fresh_fiber());
  }
  // SIMD-group functions complete as soon as every lane is accounted for, so only a barrier can be
  // left incomplete.
  if (const unsigned waiting = at_barrier_->size(); waiting != 0) {
    failure_ = std::to_string(waiting) + " of " + std::to_string(group_->thread_count) +
               " threads wait in a barrier that the others never reach, because they have returned "
               "(return after the last barrier, not before it)";
  }
  return *(running_ = &worker_);
}

// Runs on a kernel's stack, which no exception may cross.
Fiber& Scheduler::fresh_fiber() {
  try {
    Fiber* fiber = nullptr;
    if (idle_.empty()) {
      fiber = &pool_[fibers_used_++];
    } else {
      fiber = idle_.back();
      idle_.pop_back();
    }
    prepare(*fiber, fiber_main);
    return *fiber;
  } catch (const std::exception& error) {
    failure_ = error.what();
    return worker_;
  }
}

// Stops the running thread until someone has put it into `ready_` and its turn has come.
void Scheduler::wait() {
  Fiber& self = *running_;
  Fiber& next = choose_next();
  if (&next != &self) {
    switch_fiber(self, next);
  }
}

void Scheduler::barrier() {
  const unsigned thread = group_->current;
  const unsigned simd_group = thread / kSimdWidth;
  lanes_at_barrier_[simd_group] |= 1u << thread % kSimdWidth;
  if (lanes_waiting_[simd_group] != 0) {
    perform_if_complete(simd_group, thread);
  }
  at_barrier_->push({running_, thread});
  if (at_barrier_->size() == group_->thread_count) {
    lanes_at_barrier_.fill(0);
    std::swap(ready_, at_barrier_);  // nobody was ready: all are here
  }
  wait();
}

void Scheduler::collective(Collective& call) {
  const unsigned thread = group_->current;
  const unsigned simd_group = thread / kSimdWidth;
  const unsigned lane = thread % kSimdWidth;
  simd_groups_[simd_group].calls[lane] = &call;
  simd_groups_[simd_group].fibers[lane] = running_;
  lanes_waiting_[simd_group] |= 1u << lane;
  ++group_->blocked_in_simd_groups;
  if (!perform_if_complete(simd_group, thread)) {
    wait();
  }
}

void Scheduler::thread_finished() {
  perform_if_complete(group_->current / kSimdWidth, group_->current);
}

// Once every lane of a SIMD-group is waiting here, at a barrier or finished: performs the call at
// the lowest site for the lanes that wait there. Code that comes first in the kernel so runs first,
// which brings lanes that took different ways together again behind them. True when the calling
// thread `self` was among those lanes.
bool Scheduler::perform_if_complete(unsigned simd_group, unsigned self) {
  SimdGroup& lanes = simd_groups_[simd_group];
  unsigned& waiting = lanes_waiting_[simd_group];
  const unsigned expected = existing_lanes(*group_, simd_group) & ~group_->finished[simd_group] &
                            ~lanes_at_barrier_[simd_group];
  if (waiting == 0 || waiting != expected) {
    return false;
  }
  const void* site = lanes.calls[std::countr_zero(waiting)]->site;
  unsigned active = 0;
  for (unsigned rest = waiting; rest != 0; rest &= rest - 1) {
    const unsigned lane = std::countr_zero(rest);
    const void* other = lanes.calls[lane]->site;
    if (std::less<>()(other, site)) {
      site = other;
      active = 0;
    }
    active |= other == site ? 1u << lane : 0;
  }
  lanes.calls[std::countr_zero(active)]->perform(lanes.calls.data(), active);
  waiting &= ~active;
  group_->blocked_in_simd_groups -= std::popcount(active);
  bool self_is_active = false;
  for (unsigned rest = active; rest != 0; rest &= rest - 1) {
    const unsigned lane = std::countr_zero(rest);
    const unsigned thread = simd_group * kSimdWidth + lane;
    if (thread == self) {
      self_is_active = true;
    } else {
      ready_->push({lanes.fibers[lane], thread});
    }
  }
  return self_is_active;
}

void* Scheduler::threadgroup_variable(unsigned index) {
  return memory_.get() + layout_->offset(index);
}

}  // namespace softmetal
