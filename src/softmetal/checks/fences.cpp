#include "softmetal/checks/fences.hpp"

namespace softmetal {

void Fences::begin_group() {
  for (const unsigned thread : used_) {
    State& state = states_[thread];
    state.is_used = state.released = false;
    state.seen.clear();
  }
  used_.clear();
}

Fences::State& Fences::state(unsigned thread) {
  State& state = states_[thread];
  if (!state.is_used) {
    state.is_used = true;
    used_.push_back(thread);
  }
  return state;
}

void Fences::fence(unsigned thread, bool releases, bool acquires) {
  State& fences = state(thread);
  fences.released = fences.released || releases;
  if (acquires) {
    for (const std::uintptr_t address : fences.seen) {
      phases_.acquire(address);
    }
    fences.seen.clear();
  }
}

void Fences::atomic_access(unsigned thread, std::uintptr_t address, bool reads, bool writes) {
  State& fences = state(thread);
  if (writes && fences.released) {
    phases_.release(address, thread);
  }
  if (reads && (fences.seen.empty() || fences.seen.back() != address)) {
    fences.seen.push_back(address);
  }
}

}  // namespace softmetal
