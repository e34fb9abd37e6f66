#include "core/parallel.hpp"

#include <algorithm>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

namespace ingot {

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
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, count, static_cast<size_t>(std::max<int64_t>(1, grain))),
      [&](const tbb::blocked_range<int64_t>& range) { body(range.begin(), range.end()); });
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
  tbb::parallel_for(0, pieces, run, tbb::simple_partitioner());
}

}  // namespace ingot
