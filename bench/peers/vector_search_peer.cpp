// vector-search beside exact search by a matrix product and a selection, on the same data in one
// run.
//
//   vector_search_peer [--rows 1000000] [--queries 1000] [--dims 128] [--k 10] [--clusters 1000]
//                      [--spread 0.5] [--runs 5] [--seed 1]
//
// The data is a Gaussian mixture in f16 (--clusters 0: one Gaussian around 0). Prints one line of
// JSON per run: both times, from host arrays to neighbours, and the recall.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "ingot/tensor.hpp"

#include "backends/cpu/gemm.hpp"
#include "core/parallel.hpp"
#include "pipelines/vector_search.hpp"

namespace {

using ingot::float16;
using ingot::HostArray;

struct Options {
  std::map<std::string, double> values = {{"rows", 1e6},
                                          {"queries", 1000},
                                          {"dims", 128},
                                          {"k", 10},
                                          {"clusters", 1000},
                                          {"spread", 0.5},
                                          {"runs", 5},
                                          {"seed", 1}};
  int64_t whole(const std::string& name) const { return static_cast<int64_t>(values.at(name)); }
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = std::string(argv[i]).substr(2);
    options.values.at(name) = std::stod(argv[i + 1]);
  }
  return options;
}

// Rows of a mixture; the same `seed` gives the same centres.
HostArray mixture(const Options& options, int64_t rows, uint64_t stream) {
  const int64_t d = options.whole("dims");
  const int64_t clusters = options.whole("clusters");
  const auto spread = static_cast<float>(clusters == 0 ? 1 : options.values.at("spread"));
  std::vector<float> centres(static_cast<size_t>(std::max<int64_t>(1, clusters) * d));
  const auto seed = static_cast<uint64_t>(options.whole("seed"));
  if (clusters > 0) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    std::generate(centres.begin(), centres.end(), [&] { return normal(random); });
  }
  HostArray array(ingot::DType::kF16, {rows, d});
  ingot::parallel_for((rows + 999) / 1000, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      std::mt19937_64 random(seed * 1000003 + stream * 1000000007 + static_cast<uint64_t>(part));
      std::normal_distribution<float> normal;
      for (int64_t i = part * 1000; i < std::min(rows, (part + 1) * 1000); ++i) {
        const int64_t centre = clusters > 0 ? static_cast<int64_t>(random() % clusters) : 0;
        for (int64_t k = 0; k < d; ++k) {
          array.as<float16>()[static_cast<size_t>(i * d + k)] = static_cast<float16>(
              centres[static_cast<size_t>(centre * d + k)] + spread * normal(random));
        }
      }
    }
  });
  return array;
}

struct Neighbour {
  float score;
  int64_t index;
  bool operator<(const Neighbour& other) const {
    return score > other.score || (score == other.score && index < other.index);
  }
};

// The best of one query so far.
class Best {
 public:
  void offer(const float* scores, int64_t count, int64_t first, size_t k) {
    constexpr int64_t kChunk = 64;  // looked at together: most hold nothing of interest
    for (int64_t j0 = 0; j0 < count; j0 += kChunk) {
      const int64_t j1 = std::min(count, j0 + kChunk);
      bool any = false;
      for (int64_t j = j0; j < j1; ++j) {
        any |= scores[j] > bar_;
      }
      for (int64_t j = j0; any && j < j1; ++j) {
        if (scores[j] > bar_) {
          neighbours_.push_back({scores[j], first + j});
        }
      }
      if (neighbours_.size() >= 8 * k) {
        cut(k);
      }
    }
  }

  void cut(size_t k) {
    if (neighbours_.size() > k) {
      const auto end = neighbours_.begin() + static_cast<std::ptrdiff_t>(k);
      std::nth_element(neighbours_.begin(), end - 1, neighbours_.end());
      neighbours_.erase(end, neighbours_.end());
      bar_ = neighbours_.back().score;
    }
  }

  void merge(const Best& other) {
    neighbours_.insert(neighbours_.end(), other.neighbours_.begin(), other.neighbours_.end());
  }

  void sort(size_t k) {
    cut(k);
    std::sort(neighbours_.begin(), neighbours_.end());
  }

  const std::vector<Neighbour>& neighbours() const { return neighbours_; }

 private:
  float bar_ = -INFINITY;
  std::vector<Neighbour> neighbours_;
};

// Exact search: f16 to f32, sgemm and selection, block by block in cache, on all cores.
std::vector<Best> exact_search(const HostArray& database, const HostArray& queries, size_t k) {
  constexpr int64_t kBlock = 256;
  const int64_t n = database.shape()[0];
  const int64_t q = queries.shape()[0];
  const int64_t d = queries.shape()[1];
  const auto left = queries.as<float16>();
  const std::vector<float> wide_queries(left.begin(), left.end());
  std::vector<Best> result(static_cast<size_t>(q));
  std::mutex mutex;
  const int pieces = ingot::worker_count();
  ingot::parallel_pieces((n + kBlock - 1) / kBlock, pieces, [&](int, int64_t first, int64_t last) {
    std::vector<Best> best(static_cast<size_t>(q));
    std::vector<float> wide(static_cast<size_t>(kBlock * d));
    std::vector<float> scores(static_cast<size_t>(q * kBlock));
    for (int64_t block = first; block < last; ++block) {
      const int64_t begin = block * kBlock;
      const int64_t rows = std::min(kBlock, n - begin);
      const float16* from = database.as<float16>().data() + begin * d;
      std::copy(from, from + rows * d, wide.data());
      ingot::cpu::gemm_f32(
          q, rows, d, {wide_queries.data(), d}, {wide.data(), d, true}, {scores.data(), rows});
      for (int64_t i = 0; i < q; ++i) {
        best[static_cast<size_t>(i)].offer(scores.data() + i * rows, rows, begin, k);
      }
    }
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < best.size(); ++i) {
      result[i].merge(best[i]);
    }
  });
  for (Best& best : result) {
    best.sort(k);
  }
  return result;
}

// Wall time, and the time that all threads spent on processors: other programs disturb it less.
class Timer {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  double processor_seconds() const {
    return static_cast<double>(std::clock() - clock_) / CLOCKS_PER_SEC;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::clock_t clock_ = std::clock();
};

// Share of the exact neighbours that the pipeline found, over all queries.
double recall(const std::vector<Best>& exact, const ingot::VectorSearchResult& found, size_t k) {
  size_t hits = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const auto own = found.indices.as<int64_t>().subspan(i * k, k);
    for (const Neighbour& neighbour : exact[i].neighbours()) {
      hits += std::find(own.begin(), own.end(), neighbour.index) != own.end();
    }
  }
  return static_cast<double>(hits) / static_cast<double>(exact.size() * k);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const auto k = static_cast<size_t>(options.whole("k"));
  const HostArray database = mixture(options, options.whole("rows"), 1);
  const HostArray queries = mixture(options, options.whole("queries"), 2);
  const ingot::Backend cpu = ingot::init_backend(ingot::BackendPreference::kCpu);
  ingot::VectorSearchOptions search;
  search.k = options.whole("k");
  search.recall_queries = 0;
  for (int64_t run = 0; run < options.whole("runs"); ++run) {
    const Timer exact_timer;
    const std::vector<Best> exact = exact_search(database, queries, k);
    const double exact_seconds = exact_timer.seconds();
    const double exact_processor = exact_timer.processor_seconds();
    const Timer timer;
    const auto result = ingot::vector_search(cpu, database, queries, search);
    const double seconds = timer.seconds();
    const double processor = timer.processor_seconds();
    std::string steps;
    for (const ingot::StepReport& step : result.steps) {
      steps += fmt::format("{}\"{}\": {:.4f}", steps.empty() ? "" : ", ", step.name, step.seconds);
    }
    fmt::print(
        "{{\"exact_seconds\": {:.4f}, \"pipeline_seconds\": {:.4f}, \"ratio\": {:.2f}, "
        "\"exact_processor_seconds\": {:.4f}, \"pipeline_processor_seconds\": {:.4f}, "
        "\"recall\": {:.5f}, \"candidates_per_query\": {:.1f}, \"steps\": {{{}}}}}\n",
        exact_seconds,
        seconds,
        exact_seconds / seconds,
        exact_processor,
        processor,
        recall(exact, result, k),
        static_cast<double>(result.candidates) / static_cast<double>(queries.shape()[0]),
        steps);
    std::fflush(stdout);
  }
  return 0;
}
