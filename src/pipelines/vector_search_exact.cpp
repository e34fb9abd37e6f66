#include "pipelines/vector_search_exact.hpp"

#include <algorithm>
#include <mutex>

#include "backends/cpu/gemm.hpp"
#include "core/parallel.hpp"
#include "pipelines/vector_search_rows.hpp"

namespace ingot::vector_search_detail {
namespace {

constexpr int64_t kBlock = 4096;  // rows of the database at a time

void keep_best(std::vector<Neighbour>& neighbours, int64_t k) {
  const auto wanted = std::min(static_cast<size_t>(k), neighbours.size());
  const auto end = neighbours.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::nth_element(neighbours.begin(), end, neighbours.end());
  neighbours.erase(end, neighbours.end());
}

}  // namespace

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
        candidates.clear();
        for (int64_t j = 0; j < rows; ++j) {
          candidates.push_back({scores[static_cast<size_t>(i * rows + j)], begin + j});
        }
        keep_best(candidates, k);
        const std::lock_guard lock(mutex);
        auto& own = best[static_cast<size_t>(i)];
        own.insert(own.end(), candidates.begin(), candidates.end());
      }
      const std::lock_guard lock(mutex);
      done += rows;
      advance(static_cast<double>(done) / static_cast<double>(n));
    }
  });
  for (std::vector<Neighbour>& neighbours : best) {
    keep_best(neighbours, k);
    std::sort(neighbours.begin(), neighbours.end());
  }
  return best;
}

}  // namespace ingot::vector_search_detail
