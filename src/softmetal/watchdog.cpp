#include "softmetal/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "softmetal/sanitizers.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {
using std::chrono::milliseconds;

// One thread for the process. It is never joined: at the end of the process it may be anywhere.
class Watchdog {
 public:
  static Watchdog& get() {
    static auto* const instance = new Watchdog;
    return *instance;
  }

  void add(Heartbeat* worker) {
    const std::lock_guard lock(mutex_);
    workers_.push_back(worker);
  }
  void remove(Heartbeat* worker) {
    const std::lock_guard lock(mutex_);
    std::erase(workers_, worker);
  }

  void begin(milliseconds timeout) {
    const std::lock_guard lock(mutex_);
    timeouts_.push_back(timeout);
    if (!started_) {
      start();
    } else if (tick() < sleeps_for_) {
      changed_.notify_one();
    }
  }
  void end(milliseconds timeout) {
    const std::lock_guard lock(mutex_);
    timeouts_.erase(std::find(timeouts_.begin(), timeouts_.end(), timeout));
  }

 private:
  using Clock = Heartbeat::Clock;
  static constexpr milliseconds kIdle = std::chrono::hours(1);

  // How long to sleep: a small part of the shortest timeout, so that it is kept roughly.
  milliseconds tick() const {
    const auto shortest = std::min_element(timeouts_.begin(), timeouts_.end());
    return shortest == timeouts_.end()
               ? kIdle
               : std::clamp(*shortest / 8, milliseconds(2), milliseconds(250));
  }

  void start() {
    try {
      std::thread([this] { run(); }).detach();
      started_ = true;
    } catch (const std::system_error&) {
      // The system has no thread left just now. Tried again for the next dispatch.
    }
  }

  [[noreturn]] void run() {
    // Signals are for threads that run the program.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(mutex_);
    for (;;) {
      look();
      sleeps_for_ = tick();
      changed_.wait_for(lock, sleeps_for_);
    }
  }

  void look() {
    const Clock::time_point now = Clock::now();
    for (Heartbeat* worker : workers_) {
      if (const std::uint64_t position = worker->position(); position != worker->seen_position_) {
        worker->seen_position_ = position;
        worker->came_forward_ = now;
        worker->used_before_ = worker->used();
      }
    }
    for (Heartbeat* worker : workers_) {
      const std::uint64_t pauses = worker->pauses_.load(std::memory_order_relaxed);
      const bool waits = pauses != worker->seen_pauses_;
      worker->seen_pauses_ = pauses;
      const milliseconds timeout(worker->timeout_.load(std::memory_order_relaxed));
      if (timeout.count() != 0 && now - worker->came_forward_ >= timeout &&
          worker->used() - worker->used_before_ >= timeout &&
          (!waits || now - latest_of(worker->dispatch_) >= timeout)) {
        worker->stop_at_.store(worker->seen_position_, std::memory_order_relaxed);
        pthread_kill(worker->thread_, kWatchdogSignal);
      }
    }
  }

  // When a worker of the dispatch last came forward.
  Clock::time_point latest_of(const void* dispatch) const {
    Clock::time_point latest = Clock::time_point::min();
    for (const Heartbeat* worker : workers_) {
      if (worker->timeout_.load(std::memory_order_relaxed) != 0 &&
          worker->dispatch_.load(std::memory_order_relaxed) == dispatch) {
        latest = std::max(latest, worker->came_forward_);
      }
    }
    return latest;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Heartbeat*> workers_;
  std::vector<milliseconds> timeouts_;  // of the dispatches that run
  bool started_ = false;
  milliseconds sleeps_for_ = kIdle;
};

Heartbeat::Heartbeat(const unsigned* started) : thread_(pthread_self()), started_(started) {
  Watchdog::get().add(this);
  // The thread may come from a program that blocks signals in its threads.
  sigset_t signal;
  sigemptyset(&signal);
  sigaddset(&signal, kWatchdogSignal);
  pthread_sigmask(SIG_UNBLOCK, &signal, nullptr);
}

Heartbeat::~Heartbeat() {
  Watchdog::get().remove(this);
}

// The processor's time, which stands still while the process is stopped or others have the
// processor.
std::chrono::nanoseconds Heartbeat::used() const {
  clockid_t clock = {};
  timespec time = {};
  if (pthread_getcpuclockid(thread_, &clock) == 0) {
    clock_gettime(clock, &time);
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Changes whenever the worker comes forward. The kernel writes `started`, and knows of no atomics
// for that.
SOFTMETAL_UNINSTRUMENTED std::uint64_t Heartbeat::position() const {
  return beats_.load(std::memory_order_relaxed) * 2 * kMaxThreads + *started_;
}

WatchedDispatch::WatchedDispatch(milliseconds timeout) : timeout_(timeout) {
  if (timeout_.count() != 0) {
    Watchdog::get().begin(timeout_);
  }
}

WatchedDispatch::~WatchedDispatch() {
  if (timeout_.count() != 0) {
    Watchdog::get().end(timeout_);
  }
}

}  // namespace softmetal
