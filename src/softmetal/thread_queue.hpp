// Threads of a group that wait for their turn.
#pragma once

#include <array>

#include "softmetal/fiber.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// A ring of threads that have stopped, by the fibers that hold their frames. A group has at most
/// kMaxThreads of them, so it never overflows.
class ThreadQueue {
 public:
  bool empty() const { return head_ == tail_; }
  unsigned size() const { return tail_ - head_; }
  void clear() { head_ = tail_ = 0; }
  void push(Fiber& thread) { at(tail_++) = &thread; }
  Fiber& pop_first() { return *at(head_++); }
  Fiber& pop_last() { return *at(--tail_); }
  /// Takes the thread at `place`, counted from the first; that of the first comes there.
  Fiber& pop_at(unsigned place) {
    Fiber& chosen = (*this)[place];
    at(head_ + place) = at(head_);
    ++head_;
    return chosen;
  }
  /// The thread at `place`, counted from the first.
  Fiber& operator[](unsigned place) const { return *threads_[(head_ + place) % kMaxThreads]; }

 private:
  Fiber*& at(unsigned number) { return threads_[number % kMaxThreads]; }

  unsigned head_ = 0;
  unsigned tail_ = 0;
  std::array<Fiber*, kMaxThreads> threads_;
};

}  // namespace softmetal
