#include "softmetal/checks/phases.hpp"

#include <algorithm>

namespace softmetal {
namespace {

constexpr unsigned kMemDevice = 1;  // mem_flags
constexpr unsigned kMemThreadgroup = 2;

constexpr auto kDevice = static_cast<std::size_t>(Space::kDevice);
constexpr auto kThreadgroup = static_cast<std::size_t>(Space::kThreadgroup);

void advance(std::array<std::uint32_t, 2>& epoch, unsigned flags) {
  epoch[kDevice] += (flags & kMemDevice) != 0;
  epoch[kThreadgroup] += (flags & kMemThreadgroup) != 0;
}

}  // namespace

void Phases::begin_window() {
  phases_.clear();
  window_ = next_;
}

void Phases::begin_dispatch() {
  ++dispatch_;
  released_.clear();
}

void Phases::begin_group(std::uint32_t group, unsigned simd_groups) {
  group_ = {dispatch_, group, 0, {}, {}};
  simd_groups_ = simd_groups;
  std::fill_n(simd_epochs_.begin(), simd_groups, std::array<std::uint32_t, 2>{});
  known_.clear();
  first_of_group_ = next_;
  orders_[kDevice].recent = Stamp::start_of(window_);
  orders_[kThreadgroup].recent = orders_[kThreadgroup].written_since = Stamp::start_of(next_);
  update_orders();
  start_phases();
}

// Before new phases start. A thread's accesses of the phases that end come before those of the new
// ones, whatever the space; and what a fence has made known may order any.
void Phases::update_orders() {
  for (Order& order : orders_) {
    order.maybe_ordered_begin = known_.empty() ? Stamp::start_of(first_of_group_) : Stamp();
    order.maybe_ordered_end =
        known_.empty() ? Stamp::start_of(next_) : Stamp::start_of(Stamp::kMaxPhase);
  }
}

void Phases::start_phase(unsigned simd_group) {
  Phase phase = group_;
  phase.simd_group = simd_group;
  phase.simd_epoch = simd_epochs_[simd_group];
  phases_.push_back(phase);
  current_[simd_group] = next_++;
}

void Phases::start_phases() {
  for (unsigned i = 0; i < simd_groups_; ++i) {
    start_phase(i);
  }
}

void Phases::barrier(unsigned flags) {
  if ((flags & (kMemDevice | kMemThreadgroup)) != 0) {
    advance(group_.epoch, flags);
    if ((flags & kMemThreadgroup) != 0) {
      orders_[kThreadgroup].recent = Stamp::start_of(next_);
    }
    update_orders();
    start_phases();
  }
}

void Phases::simdgroup_barrier(unsigned simd_group, unsigned flags) {
  if ((flags & (kMemDevice | kMemThreadgroup)) != 0) {
    advance(simd_epochs_[simd_group], flags);
    update_orders();
    start_phase(simd_group);
  }
}

void Phases::release(std::uintptr_t atomic, unsigned thread) {
  Knowledge& knowledge = released_[atomic];
  for (const auto& [group, known] : known_) {
    knowledge.insert_or_assign(group, known);
  }
  knowledge.insert_or_assign(group_.group, Known{group_.epoch, thread});
}

// The whole group learns it: other threads will only look behind a barrier.
void Phases::acquire(std::uintptr_t atomic) {
  const auto found = released_.find(atomic);
  if (found == released_.end()) {
    return;
  }
  for (const auto& [group, known] : found->second) {
    known_.insert_or_assign(group, known);
  }
  update_orders();
}

bool Phases::is_ordered(Stamp before, unsigned thread, Space space) const {
  const Phase& then = (*this)[before.phase()];
  const Phase& now = (*this)[current(thread)];
  const auto s = static_cast<std::size_t>(space);
  if (then.dispatch != now.dispatch) {
    return false;
  }
  if (then.group == now.group &&
      (before.thread() == thread || then.epoch[s] != now.epoch[s] ||
       (then.simd_group == now.simd_group && then.simd_epoch[s] != now.simd_epoch[s]))) {
    return true;
  }
  const auto known = known_.find(then.group);
  return known != known_.end() &&
         (then.epoch[s] < known->second.epoch[s] ||
          (then.epoch[s] == known->second.epoch[s] && before.thread() == known->second.thread));
}

}  // namespace softmetal
