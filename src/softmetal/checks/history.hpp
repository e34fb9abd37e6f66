// What monitored dispatches leave for those that come after them.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "softmetal/checks/phases.hpp"
#include "softmetal/checks/shadow.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/program.hpp"

namespace softmetal {

/// One for the process, for who holds its lock.
class History {
 public:
  static History& instance();

  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  /// Keeps a copy of the dispatch while others may turn out not to be ordered with it.
  void begin(const Dispatch& dispatch);

  Phases& phases() { return phases_; }
  Shadow& threadgroup() { return threadgroup_; }

  struct Past {
    std::uint32_t number;  // as in the phases
    Dispatch dispatch;
    Executable::Range object;
  };
  /// A dispatch of the window.
  const Past& operator[](std::uint32_t number) const { return window_[number - window_[0].number]; }

 private:
  std::mutex mutex_;
  Phases phases_;
  std::uint64_t window_number_ = 0;
  std::vector<Past> window_;
  Shadow threadgroup_;

  History();
};

}  // namespace softmetal
