// A thread that does what it is given, one thing after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace softmetal {

/// Starts with the first task. Tasks run in an autorelease pool of their own.
class SerialThread {
 public:
  SerialThread() = default;
  /// Lets the thread end all tasks, and waits for that unless the thread itself calls.
  ~SerialThread();
  SerialThread(const SerialThread&) = delete;
  SerialThread& operator=(const SerialThread&) = delete;

  void push(std::function<void()> task);

  /// Whether the calling thread is this one.
  bool is_current() const;

  /// Waits until all tasks have ended. Not for tasks.
  void wait_until_idle();

  /// For a task that would wait for a later one: runs the next task, if there is one.
  bool run_next();

 private:
  // Outlives the object while the thread still runs.
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> tasks;
    bool is_busy = false;
    bool closing = false;
  };
  static void run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
  mutable std::mutex mutex_;  // guards thread_
  std::optional<std::thread> thread_;
};

}  // namespace softmetal
