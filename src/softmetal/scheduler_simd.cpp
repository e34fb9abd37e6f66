// Where the lanes of a SIMD-group meet.
#include <algorithm>
#include <bit>
#include <functional>

#include "softmetal/checks/convergence.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/observer.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {
void Scheduler::thread_finished() {
  const unsigned simd_group = group_.current / kSimdWidth;
  if (lanes_waiting_[simd_group] != 0 && is_complete(simd_group)) {
    perform(simd_group, group_.current);
  }
}

// When a SIMD-group is complete: performs the call at the lowest site for the lanes that wait
// there. Code that comes first in the kernel so runs first, which brings lanes that took different
// ways together again behind them. True when the calling thread `self` was among those lanes and
// goes on.
bool Scheduler::perform(unsigned simd_group, unsigned self) {
  SimdGroup& lanes = simd_groups_[simd_group];
  unsigned& waiting = lanes_waiting_[simd_group];
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
  const Collective* first = lanes.calls[std::countr_zero(active)];
  performing_ = true;
  const unsigned undefined = first->function->perform(lanes.calls.data(), active);
  performing_ = false;
  if (convergence_ != nullptr) {
    const unsigned existing = lanes_existing_[simd_group];
    const unsigned returned = existing & group_.finished[simd_group];
    convergence_->met(group_,
                      {.function = first->function,
                       .site = site,
                       .simd_group = simd_group,
                       .active = active,
                       .returned = returned,
                       .waiting = existing & ~active & ~returned,
                       .undefined = undefined},
                      [&](unsigned lane) {
                        return (waiting >> lane & 1) != 0 ? lanes.calls[lane]->site
                                                          : sites_[simd_group * kSimdWidth + lane];
                      });
  }
  if (first->function->kind == CollectiveFunction::kBarrier && dispatch_->observer != nullptr) {
    unsigned flags = ~0u;
    for (unsigned rest = active; rest != 0; rest &= rest - 1) {
      flags &= static_cast<SimdBarrier*>(lanes.calls[std::countr_zero(rest)])->flags;
    }
    dispatch_->observer->simd_barrier_passed(simd_group, active, flags);
  }
  waiting &= ~active;
  group_.blocked_in_simd_groups -= std::popcount(active);
  return release(simd_group, active, self);
}

// Makes the lanes ready. Without a schedule the calling thread `self`, if it is one of them, goes
// on at once, and the result is true; with one it takes its turn like the others.
bool Scheduler::release(unsigned simd_group, unsigned lanes, unsigned self) {
  const std::array<Fiber*, kSimdWidth>& fibers = simd_groups_[simd_group].fibers;
  const unsigned self_lane = self % kSimdWidth;
  const bool has_self = self / kSimdWidth == simd_group && (lanes >> self_lane & 1) != 0;
  const bool is_reverse = schedule_ != nullptr && schedule_->order == Schedule::Order::kReverse;
  const bool is_adversarial =
      schedule_ != nullptr && schedule_->order == Schedule::Order::kAdversarial;
  if (has_self && (schedule_ == nullptr || is_adversarial)) {
    lanes &= ~(1u << self_lane);
  }
  while (lanes != 0) {
    const unsigned lane = is_reverse ? std::bit_width(lanes) - 1 : std::countr_zero(lanes);
    lanes &= ~(1u << lane);
    ready_->push(*fibers[lane]);
  }
  if (has_self && is_adversarial) {
    ready_->push(*fibers[self_lane]);  // it arrived last
  }
  return has_self && schedule_ == nullptr;
}

}  // namespace softmetal
