#include "pipelines/vector_search_exact.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>
#include <vector>

#include "backends/cpu/gemm.hpp"
#include "core/parallel.hpp"
#include "pipelines/step_clock.hpp"
#include "pipelines/vector_search_rows.hpp"

namespace ingot::vector_search_detail {
namespace {

constexpr int64_t kBlock = 4096;  // rows of the database at a time

// Cuts to the k best, the worst of them last.
void keep_best(std::vector<Neighbour>& neighbours, int64_t k) {
  if (static_cast<int64_t>(neighbours.size()) >= k) {
    const auto end = neighbours.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(neighbours.begin(), end - 1, neighbours.end());
    neighbours.erase(end, neighbours.end());
  }
}

// The k best rows of `database` for each of `queries`, best first. `advance` is called with the
// fraction done, from any thread, and may throw.
std::vector<std::vector<Neighbour>> exact_neighbours(const HostArray& database,
                                                     const HostArray& queries,
                                                     int64_t k,
                                                     const std::function<void(double)>& advance) {
  const int64_t n = database.shape()[0];
  const int64_t q = queries.shape()[0];
  const int64_t d = queries.shape()[1];
  const HostArray left = widened(queries);
  const size_t row_bytes = static_cast<size_t>(d) * size_of(database.dtype());
  std::vector<std::vector<Neighbour>> best(static_cast<size_t>(q));
  std::mutex mutex;
  int64_t done = 0;
  parallel_for((n + kBlock - 1) / kBlock, 1, [&](int64_t first, int64_t last) {
    std::vector<float> scores;
    std::vector<Neighbour> candidates;
    for (int64_t block = first; block < last; ++block) {
      const int64_t begin = block * kBlock;
      const int64_t rows = std::min(kBlock, n - begin);
      const HostArray right = widened({database.dtype(),
                                       {rows, d},
                                       database.data() + static_cast<size_t>(begin) * row_bytes,
                                       database.owner()});
      scores.resize(static_cast<size_t>(q * rows));
      cpu::gemm_f32(q,
                    rows,
                    d,
                    {left.as<float>().data(), d},
                    {right.as<float>().data(), d, true},
                    {scores.data(), rows});
      for (int64_t i = 0; i < q; ++i) {
        std::vector<Neighbour>& own = best[static_cast<size_t>(i)];
        float bar = -std::numeric_limits<float>::infinity();
        {
          const std::lock_guard lock(mutex);
          bar = static_cast<int64_t>(own.size()) < k ? bar : own.back().score;
        }
        candidates.clear();
        for (int64_t j = 0; j < rows; ++j) {
          const float score = scores[static_cast<size_t>(i * rows + j)];
          if (score >= bar) {
            candidates.push_back({score, begin + j});
          }
        }
        const std::lock_guard lock(mutex);
        own.insert(own.end(), candidates.begin(), candidates.end());
        keep_best(own, k);
      }
      const std::lock_guard lock(mutex);
      done += rows;
      advance(static_cast<double>(done) / static_cast<double>(n));
    }
  });
  for (std::vector<Neighbour>& neighbours : best) {
    std::sort(neighbours.begin(), neighbours.end());
  }
  return best;
}

double exact_score(const HostArray& database,
                   int64_t row,
                   const HostArray& queries,
                   int64_t query) {
  const int64_t d = database.shape()[1];
  double sum = 0;
  for (int64_t k = 0; k < d; ++k) {
    sum += database.real(row * d + k) * queries.real(query * d + k);
  }
  return sum;
}

}  // namespace

void measure_recall(const HostArray& database,
                    const HostArray& queries,
                    const VectorSearchOptions& options,
                    VectorSearchResult& result) {
  const int64_t q = std::min(options.recall_queries, queries.shape()[0]);
  result.recall = 1;
  result.recall_queries = q;
  if (q == 0) {
    return;
  }
  const Stopwatch watch;
  const auto exact =
      exact_neighbours(database, sampled(queries, q), options.k, [&](double fraction) {
        report_progress(options.progress, kVectorSearch, fraction, "comparing with exact search");
      });
  result.exact_seconds = watch.seconds();

  const std::vector<int64_t> rows = sampled_rows(queries.shape()[0], q);
  const double least = options.threshold.value_or(-std::numeric_limits<double>::infinity());
  const auto k = static_cast<size_t>(options.k);
  size_t wanted = 0;
  size_t hits = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double last = exact[i].back().score;
    const double tie = last - 1e-5 * std::abs(last);  // as far as f32 sums can tell
    const auto is_exact = [&](int64_t index) {
      return std::any_of(exact[i].begin(), exact[i].end(), [&](const Neighbour& neighbour) {
        return neighbour.index == index;
      });
    };
    const auto expected = static_cast<size_t>(std::count_if(
        exact[i].begin(), exact[i].end(), [&](const Neighbour& n) { return n.score >= least; }));
    size_t found = 0;
    for (const int64_t index :
         result.indices.as<int64_t>().subspan(static_cast<size_t>(rows[i]) * k, k)) {
      found +=
          index >= 0 && (is_exact(index) || exact_score(database, index, queries, rows[i]) >= tie);
    }
    wanted += expected;
    hits += std::min(found, expected);
  }
  result.recall = wanted == 0 ? 1 : static_cast<double>(hits) / static_cast<double>(wanted);
}

}  // namespace ingot::vector_search_detail
