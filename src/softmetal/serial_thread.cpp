#include "softmetal/serial_thread.hpp"

#include <utility>

#include "Foundation/Foundation.hpp"

namespace softmetal {
namespace {

void run_in_pool(const std::function<void()>& task) {
  const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  task();
}

}  // namespace

SerialThread::~SerialThread() {
  if (!thread_) {
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->changed.notify_all();
  // The last reference to a queue may be that of its last command buffer, dropped by this very
  // thread.
  if (is_current()) {
    thread_->detach();
  } else {
    thread_->join();
  }
}

void SerialThread::push(std::function<void()> task) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->tasks.push_back(std::move(task));
  }
  state_->changed.notify_all();
  const std::lock_guard lock(mutex_);
  if (!thread_) {
    thread_.emplace([state = state_] { run(state); });
  }
}

bool SerialThread::is_current() const {
  const std::lock_guard lock(mutex_);
  return thread_ && thread_->get_id() == std::this_thread::get_id();
}

void SerialThread::wait_until_idle() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->tasks.empty() && !state_->is_busy; });
}

bool SerialThread::run_next() {
  std::function<void()> task;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->tasks.empty()) {
      return false;
    }
    task = std::move(state_->tasks.front());
    state_->tasks.pop_front();
  }
  run_in_pool(task);
  return true;
}

void SerialThread::run(const std::shared_ptr<State>& state) {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(state->mutex);
      state->is_busy = false;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return !state->tasks.empty() || state->closing; });
      if (state->tasks.empty()) {
        return;
      }
      task = std::move(state->tasks.front());
      state->tasks.pop_front();
      state->is_busy = true;
    }
    run_in_pool(task);
  }
}

}  // namespace softmetal
