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
  static constexpr milliseconds kIdle = std::chrono::hours(1);
  // More of the processor's time than a thread that waits takes from pause to pause.
  static constexpr milliseconds kBetweenPauses = milliseconds(5);

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
    for (Heartbeat* worker : workers_) {
      const std::chrono::nanoseconds processor_time = worker->processor_time();
      const std::chrono::nanoseconds used =
          processor_time +
          std::chrono::nanoseconds(worker->yielded_.load(std::memory_order_relaxed));
      if (const std::uint64_t position = worker->position(); position != worker->seen_position_) {
        worker->seen_position_ = position;
        worker->used_before_ = used;
      }
      // Who has not had the processor since the last look does what it did then.
      if (const std::uint64_t pauses = worker->pauses_.load(std::memory_order_relaxed);
          pauses != worker->seen_pauses_) {
        worker->seen_pauses_ = pauses;
        worker->paused_at_ = processor_time;
        worker->waits_ = true;
      } else if (processor_time - worker->paused_at_ >= kBetweenPauses) {
        worker->waits_ = false;
      }
      const milliseconds timeout(worker->timeout_.load(std::memory_order_relaxed));
      worker->is_stuck_ = timeout.count() != 0 && used - worker->used_before_ >= timeout;
    }
    for (Heartbeat* worker : workers_) {
      if (worker->is_stuck_ && (!worker->waits_ || all_are_stuck(worker->dispatch_))) {
        worker->stop_at_.store(worker->seen_position_, std::memory_order_relaxed);
        pthread_kill(worker->thread_, kWatchdogSignal);
      }
    }
  }

  // Whether no worker of the dispatch can be expected to come forward.
  bool all_are_stuck(const void* dispatch) const {
    return std::all_of(workers_.begin(), workers_.end(), [&](const Heartbeat* worker) {
      return worker->is_stuck_ || worker->timeout_.load(std::memory_order_relaxed) == 0 ||
             worker->dispatch_.load(std::memory_order_relaxed) != dispatch;
    });
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

// Stands still while the process is stopped or others have the processor.
std::chrono::nanoseconds Heartbeat::processor_time() const {
  clockid_t clock = {};
  timespec time = {};
  if (pthread_getcpuclockid(thread_, &clock) == 0) {
    clock_gettime(clock, &time);
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void Heartbeat::yield() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::nanoseconds kMost = milliseconds(20);  // the process may be stopped in it
  const Clock::time_point begin = Clock::now();
  std::this_thread::yield();
  const std::chrono::nanoseconds away = Clock::now() - begin;
  count(yielded_, static_cast<std::uint64_t>(std::min(away, kMost).count()));
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
