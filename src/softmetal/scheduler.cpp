#include "softmetal/scheduler.hpp"

#include <cstring>
#include <exception>
#include <thread>
#include <utility>

#include "softmetal/checks/convergence.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/observer.hpp"
#include "softmetal/turns.hpp"

namespace softmetal {
namespace {

// The bit pattern of memory that nothing has written: a large negative number as an integer, -2.7e7
// as a float.
constexpr int kPoison = 0xCB;

// Polls until a pause; those that see what the one before saw count as many.
constexpr int kPatience = 1024;
constexpr int kCostOfSame = 64;

// Rounds of pauses after which nothing can be expected any more: each thread has then looked half a
// million times. A loop that gives up by itself after some tries is shorter than that.
constexpr unsigned kIdleRounds = 1u << 15;

constexpr unsigned kSignalsToWaitFor = 4;

// Another worker may need the processor to come forward.
constexpr unsigned kRoundsPerYield = 64;

// On average. Small enough to part the few accesses between two barriers.
constexpr unsigned kAccessesPerPreemption = 16;

// With the other schedules it only matters whether the watchdog has asked to stop.
constexpr unsigned kAccessesPerLook = 1u << 16;

}  // namespace

Scheduler::Scheduler() : memory_(new std::byte[kArenaBytes]) {}

Scheduler& Scheduler::local() {
  thread_local Scheduler scheduler;
  return scheduler;
}

std::optional<Scheduler::Stopped> Scheduler::run(const Dispatch& dispatch,
                                                 const Mode& mode,
                                                 const Group& group) {
  if (mode.number != number_) {
    number_ = mode.number;
    idle_count_ = 0;  // in another kernel's loop, which may be gone
    fibers_used_ = 0;
  }
  dispatch_ = &dispatch;
  variable_offsets_ = dispatch.layout.offsets();
  schedule_ = mode.schedule;
  convergence_ = mode.convergence;
  group_ = group;
  std::memset(memory_.get(), kPoison, dispatch.layout.bytes());
  reset();
  if (dispatch.observer != nullptr) {
    dispatch.observer->group_begins(group_);
  }
  heartbeat_.begin(&dispatch, dispatch.options.timeout);
  // Never on the worker's own stack: a group that fails is left where it stands, with its frames.
  if (Fiber& first = choose_next(); &first != &worker_) {
    softmetal_turns = {&worker_.stack_pointer, this};
    switch_fiber(worker_, first);
    softmetal_turns = {};
  }
  heartbeat_.end();
  if (stop_.reason == Stop::Reason::kNone) {
    return std::nullopt;
  }
  number_ = 0;  // the fibers are anywhere
  return explain_stop();
}

void Scheduler::abandon() {
  stop(Stop::Reason::kAbandoned);
}

void Scheduler::fault(const Fault& fault) {
  Scheduler* self = softmetal_turns.scheduler;
  if (self == nullptr) {
    return;
  }
  if (fault.signal != kWatchdogSignal) {
    self->stop_.fault = fault;
    self->stop(Stop::Reason::kFault);
  }
  // A checked build will soon come to preempt(), which knows the place better than a signal that
  // arrives between an access and its check; unless it accesses nothing.
  if (self->dispatch_->observer != nullptr && ++self->signals_ <= kSignalsToWaitFor) {
    return;
  }
  const Entry& entry = *self->dispatch_->entry;
  const auto* code = static_cast<const char*>(fault.code);
  if (self->heartbeat_.must_stop() && code >= entry.code_begin && code < entry.code_end) {
    self->stop_.fault = fault;
    self->stop(Stop::Reason::kTimeout);
  }
}

// Leaves the running fiber for good and goes back to run().
void Scheduler::stop(Stop::Reason reason) {
  stop_.reason = reason;
  leave_fiber(*running_, worker_);
}

void Scheduler::reset() {
  ready_->clear();
  at_barrier_->clear();
  paused_->clear();
  for (unsigned first = 0, i = 0; first < group_.thread_count; first += kSimdWidth, ++i) {
    const unsigned count = group_.thread_count - first;  // the last SIMD-group may be partial
    lanes_existing_[i] = count >= kSimdWidth ? ~0u : (1u << count) - 1;
  }
  lanes_waiting_.fill(0);
  lanes_at_barrier_.fill(0);
  barrier_flags_ = ~0u;
  patience_ = kPatience;
  stop_ = {};
  idle_rounds_ = 0;
  signals_ = 0;
  group_.end = group_.thread_count;
  if (schedule_ != nullptr) {
    group_.end = 0;
    started_ = 0;
    if (seen_ == nullptr) {
      seen_ = std::make_unique<SeenValues>();
    }
    came_forward();
    // A group's numbers do not depend on the groups before it.
    const Extent& at = group_.position;
    random_ = RandomNumbers(schedule_->seed);
    random_ = RandomNumbers(random_.next() + at.x + (std::uint64_t{at.y} << 20) +
                            (std::uint64_t{at.z} << 40));
    start_order_.reset(schedule_->order, group_.thread_count, random_);
  }
  draw_preemption();
}

// Where every fiber begins. A kernel's `run` asks for the next thread when it has none left, and
// never returns.
void Scheduler::fiber_main() {
  Scheduler& self = current();
  enter_fiber(*self.running_);
  self.dispatch_->entry->run(&self.group_);
  __builtin_unreachable();
}

unsigned Scheduler::threads_to_start() const {
  return schedule_ == nullptr ? group_.end - group_.next : group_.thread_count - started_;
}

// Whether the schedule lets a ready thread go on rather than another one start.
bool Scheduler::is_turn_of_ready() {
  if (schedule_->order != Schedule::Order::kRandom) {
    return !ready_->empty();
  }
  const unsigned count = ready_->size() + threads_to_start();
  return count != 0 && random_.below(count) < ready_->size();
}

// The schedule's choice among the ready threads.
//
// "Adversarial" takes the one that arrived last. It goes on as far as it can, so at each moment one
// thread, or one SIMD-group, is as far ahead of the others as the barriers allow: what lets two
// groups of threads run apart is a missing barrier. And since the last to arrive is the first to
// leave, the order turns round at each barrier: threads that go up through the accesses before a
// barrier go down through those behind it. A missing barrier that only shows when the reader comes
// first, or only when the writer does, is so met both ways.
Fiber& Scheduler::take_ready() {
  switch (schedule_->order) {
    case Schedule::Order::kRandom:
      return ready_->pop_at(static_cast<unsigned>(random_.below(ready_->size())));
    case Schedule::Order::kAdversarial:
      return ready_->pop_last();
    case Schedule::Order::kForward:
    case Schedule::Order::kReverse:
      break;
  }
  return ready_->pop_first();
}

// With a schedule the kernel's loop gets one thread at a time.
void Scheduler::name_thread_to_start() {
  const unsigned thread = start_order_[started_++];
  group_.next = thread;
  group_.end = thread + 1;
  group_.next_position = {thread % group_.size.x,
                          thread / group_.size.x % group_.size.y,
                          thread / group_.size.x / group_.size.y};
}

// Stops the running thread until someone has put it into `ready_` and its turn has come.
void Scheduler::wait() {
  Fiber& self = *running_;
  Fiber& next = choose_next();
  if (&next != &self) {
    switch_fiber(self, next);
  }
}

// Most looks at an atomic object are not for waiting, and a pause costs as much as a barrier. A
// thread that sees the same again and again probably waits.
void Scheduler::poll(const volatile void* object, unsigned long value, const void* site) {
  const bool is_same = object == polled_object_ && value == polled_value_;
  polled_object_ = object;
  polled_value_ = value;
  if (schedule_ != nullptr && seen_->insert(object, value)) {
    idle_rounds_ = 0;
  }
  patience_ -= is_same ? kCostOfSame : 1;
  if (patience_ <= 0) {
    pause(site);
  }
}

void Scheduler::pause(const void* site) {
  patience_ = kPatience;
  sites_[group_.current] = site;
  stop_if_asked(site);
  heartbeat_.pause();
  paused_->push(stop_running());
  wait();
}

// All threads that can go on have paused. What they wait for may come from another group that runs
// at the same time; but with a schedule there is none.
void Scheduler::resume_paused() {
  ++idle_rounds_;
  if (schedule_ != nullptr && idle_rounds_ > kIdleRounds) {
    stop(Stop::Reason::kNothingMoves);
  }
  if (schedule_ == nullptr && idle_rounds_ % kRoundsPerYield == 0) {
    heartbeat_.yield();
  }
  std::swap(ready_, paused_);
}

void Scheduler::forget_seen_values() {
  idle_rounds_ = 0;
  seen_->clear();
}

// Where the watchdog's signal cannot stop a thread.
void Scheduler::stop_if_asked(const void* site) {
  if (heartbeat_.must_stop()) {
    stop_.fault.code = static_cast<const char*>(site) - 1;  // the site is where the call returns to
    stop(Stop::Reason::kTimeout);
  }
}

void Scheduler::draw_preemption() {
  accesses_left_ = is_random()
                       ? 1 + static_cast<unsigned>(random_.below(2 * kAccessesPerPreemption))
                       : kAccessesPerLook;
}

void Scheduler::preempt(const void* site) {
  draw_preemption();
  stop_if_asked(site);
  if (is_random() && !performing_) {
    ready_->push(stop_running());
    wait();
  }
}

}  // namespace softmetal
