// Notices kernels that do not come forward and asks their workers to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <pthread.h>

namespace softmetal {

/// The signal that asks a worker to look at Heartbeat::must_stop(). Ignored by default, so that one
/// that comes late does no harm.
inline constexpr int kWatchdogSignal = SIGURG;

/// What the watchdog sees of a worker. Belongs to the thread that makes it, which is signalled.
class Heartbeat {
 public:
  /// `started` grows as the threads of a group start, up to kMaxThreads; read at any time.
  explicit Heartbeat(const unsigned* started);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// From here to end() the worker runs a group of a dispatch, and must beat or start threads at
  /// least so often; a timeout of zero asks for nothing.
  void begin(const void* dispatch, std::chrono::milliseconds timeout) {
    beat();
    dispatch_.store(dispatch, std::memory_order_relaxed);
    timeout_.store(timeout.count(), std::memory_order_relaxed);
  }
  void end() { timeout_.store(0, std::memory_order_relaxed); }

  /// A thread has come to a place where the watchdog has nothing to say.
  void beat() { count(beats_, 1); }
  /// A thread waits for others, perhaps of other groups: it may do so while any worker of the
  /// dispatch can be expected to come forward.
  void pause() { count(pauses_, 1); }
  /// Lets others have the processor. That is time used, too: else a worker that waits on a busy
  /// machine would hardly ever use up its timeout.
  void yield();

  /// Whether the watchdog has asked to stop and the worker has not come forward since.
  bool must_stop() const { return stop_at_.load(std::memory_order_relaxed) == position(); }

 private:
  friend class Watchdog;

  // By one thread: cheaper than an atomic addition.
  static void count(std::atomic<std::uint64_t>& counter, std::uint64_t more) {
    counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  std::uint64_t position() const;
  std::chrono::nanoseconds processor_time() const;

  const pthread_t thread_;
  const volatile unsigned* const started_;
  std::atomic<const void*> dispatch_ = nullptr;
  std::atomic<std::int64_t> timeout_ = 0;  // milliseconds; 0 while nothing is to be watched
  std::atomic<std::uint64_t> beats_ = 0;
  std::atomic<std::uint64_t> pauses_ = 0;
  std::atomic<std::uint64_t> yielded_ = 0;                  // nanoseconds
  std::atomic<std::uint64_t> stop_at_ = ~std::uint64_t{0};  // the position to stop at

  // The watchdog's notes.
  std::uint64_t seen_position_ = 0;
  std::uint64_t seen_pauses_ = 0;
  std::chrono::nanoseconds paused_at_{};    // processor's time when a pause was seen
  std::chrono::nanoseconds used_before_{};  // until it last came forward
  bool waits_ = false;
  bool is_stuck_ = false;
};

/// Keeps the watchdog awake for as long as a dispatch runs; does nothing for a timeout of zero.
class WatchedDispatch {
 public:
  explicit WatchedDispatch(std::chrono::milliseconds timeout);
  ~WatchedDispatch();
  WatchedDispatch(const WatchedDispatch&) = delete;
  WatchedDispatch& operator=(const WatchedDispatch&) = delete;

 private:
  const std::chrono::milliseconds timeout_;
};

}  // namespace softmetal
