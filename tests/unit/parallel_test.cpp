#include "core/parallel.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "gtest/gtest.h"

namespace ingot {
namespace {

TEST(Parallel, CoversTheRangeExactlyOnce) {
  for (const int64_t count : {0, 1, 7, 1000, 100'003}) {
    for (const int64_t grain : {1, 64, 1'000'000}) {
      std::vector<std::atomic<int>> seen(static_cast<size_t>(count));
      parallel_for(count, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          ++seen[static_cast<size_t>(i)];
        }
      });
      for (const auto& times : seen) {
        ASSERT_EQ(times, 1);
      }
    }
  }
}

TEST(Parallel, PiecesAreContiguousAndInOrder) {
  for (const int64_t count : {0, 1, 5, 1001}) {
    for (int pieces = 1; pieces <= 4; ++pieces) {
      std::vector<std::pair<int64_t, int64_t>> ranges(static_cast<size_t>(pieces));
      parallel_pieces(count, pieces, [&](int piece, int64_t begin, int64_t end) {
        ranges[static_cast<size_t>(piece)] = {begin, end};
      });
      EXPECT_EQ(ranges.front().first, 0);
      EXPECT_EQ(ranges.back().second, count);
      for (size_t i = 1; i < ranges.size(); ++i) {
        EXPECT_EQ(ranges[i].first, ranges[i - 1].second);
      }
    }
  }
}

TEST(Parallel, PieceCountRespectsTheGrain) {
  EXPECT_EQ(piece_count(10, 100), 1);
  EXPECT_EQ(piece_count(0, 1), 1);
  EXPECT_LE(piece_count(1'000'000'000, 1), worker_count());
}

TEST(Parallel, AnExceptionReachesTheCaller) {
  EXPECT_THROW(parallel_for(1000,
                            1,
                            [](int64_t begin, int64_t) {
                              if (begin > 100) {
                                throw std::runtime_error("stop");
                              }
                            }),
               std::runtime_error);
}

}  // namespace
}  // namespace ingot
