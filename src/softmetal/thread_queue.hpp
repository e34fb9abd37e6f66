// Threads of a group that wait for their turn.
#pragma once

#include <array>

#include "softmetal/fiber.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// A thread that stopped: which one, and the fiber that holds its frames.
struct Waiting {
  Fiber* fiber;
  unsigned thread;
};

/// A ring of waiting threads. A group has at most kMaxThreads of them, so it never overflows.
class ThreadQueue {
 public:
  bool empty() const { return head_ == tail_; }
  unsigned size() const { return tail_ - head_; }
  void clear() { head_ = tail_ = 0; }
  void push(Waiting thread) { at(tail_++) = thread; }
  Waiting pop_first() { return at(head_++); }
  Waiting pop_last() { return at(--tail_); }
  /// Takes the thread at `place`, counted from the first; that of the first comes there.
  Waiting pop_at(unsigned place) {
    const Waiting chosen = at(head_ + place);
    at(head_ + place) = at(head_);
    ++head_;
    return chosen;
  }
  /// The thread at `place`, counted from the first.
  const Waiting& operator[](unsigned place) const {
    return threads_[(head_ + place) % kMaxThreads];
  }

 private:
  Waiting& at(unsigned number) { return threads_[number % kMaxThreads]; }

  std::array<Waiting, kMaxThreads> threads_;
  unsigned head_ = 0;
  unsigned tail_ = 0;
};

}  // namespace softmetal
