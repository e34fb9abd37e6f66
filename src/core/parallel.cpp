#include "core/parallel.hpp"

#include <algorithm>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define INGOT_THREAD_SANITIZER 1
#include <exception>
#include <thread>
#include <vector>
#endif
#endif

namespace ingot {
namespace {

#if INGOT_THREAD_SANITIZER

// The thread sanitizer cannot see into oneTBB as distributions build it, and takes all that passes
// through it for races. Its builds use plain threads.
void run_pieces(int pieces, const std::function<void(int)>& body) {
  std::vector<std::exception_ptr> failures(static_cast<size_t>(pieces));
  std::vector<std::thread> threads;
  for (int piece = 0; piece < pieces; ++piece) {
    threads.emplace_back([&, piece] {
      try {
        body(piece);
      } catch (...) {
        failures[static_cast<size_t>(piece)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure != nullptr) {
      std::rethrow_exception(failure);
    }
  }
}

void run_range(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  parallel_pieces(count,
                  std::max(2, piece_count(count, grain)),
                  [&](int, int64_t begin, int64_t end) { body(begin, end); });
}

#else

void run_pieces(int pieces, const std::function<void(int)>& body) {
  tbb::parallel_for(0, pieces, body, tbb::simple_partitioner());
}

void run_range(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, count, static_cast<size_t>(std::max<int64_t>(1, grain))),
      [&](const tbb::blocked_range<int64_t>& range) { body(range.begin(), range.end()); });
}

#endif

}  // namespace

int worker_count() {
  return std::max(1, tbb::this_task_arena::max_concurrency());
}

void parallel_for(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= 0) {
    return;
  }
  if (count <= grain) {
    body(0, count);
    return;
  }
  run_range(count, grain, body);
}

int piece_count(int64_t count, int64_t grain) {
  const int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(1, grain));
  return static_cast<int>(std::min<int64_t>(worker_count(), most));
}

void parallel_pieces(int64_t count,
                     int pieces,
                     const std::function<void(int, int64_t, int64_t)>& body) {
  const auto run = [&](int piece) {
    body(piece,
         count / pieces * piece + std::min<int64_t>(piece, count % pieces),
         count / pieces * (piece + 1) + std::min<int64_t>(piece + 1, count % pieces));
  };
  if (pieces == 1) {
    run(0);
    return;
  }
  run_pieces(pieces, run);
}

}  // namespace ingot
