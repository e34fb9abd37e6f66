#include "pipelines/vector_search.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "ingot/ops.hpp"

#include "backends/cpu/gemm.hpp"
#include "core/parallel.hpp"
#include "pipelines/step_clock.hpp"
#include "pipelines/vector_search_exact.hpp"
#include "pipelines/vector_search_gpu.hpp"
#include "pipelines/vector_search_rows.hpp"
#include "pipelines/vector_search_work.hpp"

namespace ingot {
namespace {

using namespace vector_search_detail;

constexpr float kNone = -std::numeric_limits<float>::infinity();

// Quantisation gives a row that is not finite the scale NaN, so only the scales are looked at.
void require_finite(const QuantizedRows& rows, std::string_view name, int64_t first_row) {
  const Tensor finite =
      compare(rows.scales, Comparison::kLessEqual, double{std::numeric_limits<float>::max()});
  const auto count = static_cast<int64_t>(compact(rows.scales, finite).count.item<uint64_t>());
  if (count == rows.scales.elements()) {
    return;
  }
  const std::vector<float> scales = rows.scales.to_vector<float>();
  const auto bad =
      std::find_if_not(scales.begin(), scales.end(), [](float s) { return std::isfinite(s); });
  reject_row(name, first_row + (bad - scales.begin()));
}

// What the search has found in one block of rows.
struct Found {
  int64_t first_row;
  int64_t per_query;
  std::vector<float> scores;     // [queries, per_query], descending, -inf after the last
  std::vector<int64_t> columns;  // rows, counted from first_row
};

class Search {
 public:
  Search(const Backend& backend,
         const HostArray& database,
         const VectorSearchOptions& options,
         VectorSearchResult& result)
      : backend_(backend),
        options_(options),
        result_(result),
        clock_(backend, kVectorSearchSteps),
        n_(database.shape()[0]),
        narrowed_(database.dtype() == DType::kF32) {
    report(0, "quantising the database");
    rows_ = upload(database);
    bounds_ = quantize(rows_, "database", 0);
    sample_ = upload(sampled(database, sample_rows(n_, options.k)));
    const auto float_provider = std::string(cpu::gemm_provider(DType::kF32));
    clock_.set_served_by("limit", float_provider + ", cpu twin");
    clock_.set_served_by("bound", std::string(cpu::gemm_provider(DType::kI8)) + ", fused");
    if (options.rescore == Rescore::kOriginal) {
      clock_.set_served_by("dequantise", "not run: rescore=original");
    }
    prepared_clock_ = clock_;
  }

  /// Forgets an earlier search.
  void start() {
    clock_ = prepared_clock_;
    result_.candidates = 0;
  }

  /// Searches for rows begin..end of `queries` and writes their results.
  void run(const HostArray& queries, int64_t begin, int64_t end) {
    const size_t row_bytes = static_cast<size_t>(queries.shape()[1]) * size_of(queries.dtype());
    const HostArray batch(queries.dtype(),
                          {end - begin, queries.shape()[1]},
                          queries.data() + static_cast<size_t>(begin) * row_bytes,
                          queries.owner());
    const Tensor rows = upload(batch);
    const QuantizedRows quantized = quantize(rows, "queries", begin);
    const ScoreBounds bounds = score_bounds(batch, narrowed_);
    const Tensor bias = upload(bounds.bias);
    const Tensor limits = find_limits(rows, upload(bounds.slack));

    const int64_t q = end - begin;
    const int64_t block = block_rows(q);
    std::vector<Found> found;
    for (int64_t row = 0; row < n_; row += block) {
      report(progress_of(begin, q, row), "searching");
      search_block(rows, quantized, bias, limits, row, std::min(n_, row + block), found);
    }
    merge(found, begin, q);
  }

  const std::vector<StepReport>& steps() const { return clock_.reports(); }
  void set_queries(int64_t queries) { queries_ = queries; }

 private:
  void report(double fraction, std::string_view text) const {
    report_progress(options_.progress, kVectorSearch, fraction, text);
  }

  double progress_of(int64_t first_query, int64_t batch, int64_t row) const {
    const double rows_done = static_cast<double>(row) / static_cast<double>(n_);
    return (static_cast<double>(first_query) + static_cast<double>(batch) * rows_done) /
           static_cast<double>(std::max<int64_t>(1, queries_));
  }

  Tensor upload(const HostArray& array) const {
    return backend_.import_host(array.data(), array.dtype(), array.shape(), array.owner());
  }

  QuantizedRows quantize(const Tensor& rows, std::string_view name, int64_t first_row) {
    const double elements = static_cast<double>(rows.elements());
    const double bytes = elements * (narrowed_ ? 4 + 2 + 2 + 1 : 2 + 1);
    QuantizedRows quantized = clock_.measure("quantise", bytes, [&] {
      return quantize_f16_to_i8(narrowed_ ? quantize_f32_to_f16(rows) : rows);
    });
    require_finite(quantized, name, first_row);
    return quantized;
  }

  // A limit that the k-th best score of each query surely reaches: that of the k-th best of a
  // sample, less what the bound does not cover.
  Tensor find_limits(const Tensor& queries, const Tensor& slack) {
    const int64_t q = queries.shape()[0];
    const double scores = static_cast<double>(q) * static_cast<double>(sample_.shape()[0]);
    return clock_.measure("limit", bytes_of({queries, sample_}) + 8 * scores, [&] {
      const Tensor best = topk(dot_all(queries, sample_), options_.k).values;
      const Tensor worst = topk(best, 1, {.largest = false}).values;
      return add(worst, slack).reshape({q});
    });
  }

  void search_block(const Tensor& queries,
                    const QuantizedRows& quantized,
                    const Tensor& bias,
                    const Tensor& limits,
                    int64_t begin,
                    int64_t end,
                    std::vector<Found>& found) {
    const int64_t q = queries.shape()[0];
    const Tensor values = bounds_.values.rows(begin, end);
    const Tensor scales = bounds_.scales.rows(begin, end);
    const double mask_bytes = static_cast<double>(q) * static_cast<double>(end - begin);
    const Tensor mask =
        clock_.measure("bound", bytes_of({quantized.values, values, scales}) + mask_bytes, [&] {
          return dot_at_least(quantized.values,
                              values,
                              limits,
                              {.a_scale = quantized.scales, .b_scale = scales, .a_bias = bias});
        });

    // Rows are few for most queries, but nobody knows how few: look again with more room.
    CompactedColumns candidates;
    uint64_t most = 0;
    int64_t room = std::min(room_, end - begin);
    while (true) {
      const double bytes = mask_bytes + static_cast<double>(q * (room * 4 + 8));
      candidates = clock_.measure("compact", bytes, [&] { return compact_columns(mask, room); });
      const std::vector<uint64_t> counts = candidates.counts.to_vector<uint64_t>();
      most = *std::max_element(counts.begin(), counts.end());
      if (most <= static_cast<uint64_t>(room)) {
        for (const uint64_t count : counts) {
          result_.candidates += static_cast<int64_t>(count);
        }
        break;
      }
      room = std::min(static_cast<int64_t>(std::bit_ceil(most)), end - begin);
    }
    if (most > 0) {
      found.push_back(rescore(queries, candidates.columns, begin, end));
    }
    room_ = room_after(static_cast<int64_t>(most));
  }

  Found rescore(const Tensor& queries, const Tensor& columns, int64_t begin, int64_t end) {
    const Tensor original = rows_.rows(begin, end);
    if (options_.rescore == Rescore::kOriginal) {
      return score_and_select(queries, original, columns, begin);
    }
    const Tensor values = bounds_.values.rows(begin, end);
    const Tensor restored = clock_.measure("dequantise", 3 * bytes_of({values}), [&] {
      return dequantize_i8_to_f16(values, bounds_.scales.rows(begin, end));
    });
    return score_and_select(
        narrowed_ ? quantize_f32_to_f16(queries) : queries, restored, columns, begin);
  }

  Found score_and_select(const Tensor& queries,
                         const Tensor& rows,
                         const Tensor& columns,
                         int64_t begin) {
    const int64_t room = columns.shape()[1];
    const double pairs = static_cast<double>(columns.elements());
    const double row_bytes =
        static_cast<double>(rows.bytes()) / static_cast<double>(rows.shape()[0]);
    const Tensor scores = clock_.measure(
        "score", pairs * (8 + row_bytes), [&] { return dot_at(queries, rows, columns); });
    const int64_t k = std::min(options_.k, room);
    const Topk best =
        clock_.measure("select", 8 * pairs, [&] { return topk(scores, k, {.labels = columns}); });
    return {begin, k, best.values.to_vector<float>(), best.indices.to_vector<int64_t>()};
  }

  // The best of all blocks.
  void merge(const std::vector<Found>& found, int64_t first_query, int64_t q) {
    const auto least = static_cast<float>(options_.threshold.value_or(kNone));
    const auto k = static_cast<size_t>(options_.k);
    parallel_for(q, 16, [&](int64_t begin, int64_t end) {
      std::vector<Neighbour> neighbours;
      for (int64_t i = begin; i < end; ++i) {
        neighbours.clear();
        for (const Found& block : found) {
          for (int64_t j = i * block.per_query; j < (i + 1) * block.per_query; ++j) {
            const float score = block.scores[static_cast<size_t>(j)];
            if (score > kNone && score >= least) {
              neighbours.push_back(
                  {score, block.first_row + block.columns[static_cast<size_t>(j)]});
            }
          }
        }
        const auto wanted = static_cast<std::ptrdiff_t>(std::min(k, neighbours.size()));
        std::partial_sort(neighbours.begin(), neighbours.begin() + wanted, neighbours.end());
        neighbours.resize(k, {kNone, -1});
        for (size_t j = 0; j < k; ++j) {
          const size_t to = static_cast<size_t>(first_query + i) * k + j;
          result_.indices.as<int64_t>()[to] = neighbours[j].index;
          result_.scores.as<float>()[to] = neighbours[j].score;
        }
      }
    });
  }

  Backend backend_;
  const VectorSearchOptions& options_;
  VectorSearchResult& result_;
  StepClock clock_;
  StepClock prepared_clock_ = clock_;
  int64_t n_;
  bool narrowed_;
  int64_t queries_ = 0;
  int64_t room_ = 64;  // candidates of a query that the next block is expected to have
  Tensor rows_;
  Tensor sample_;
  QuantizedRows bounds_;
};

void search_on_cpu(const Backend& backend,
                   const HostArray& database,
                   const HostArray& queries,
                   const VectorSearchOptions& options,
                   VectorSearchResult& result) {
  const Stopwatch preparing;
  Search search(backend, database, options, result);
  result.prepare_seconds = preparing.seconds();
  const int64_t q = queries.shape()[0];
  search.set_queries(q);
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
    const Stopwatch watch;
    search.start();
    for (int64_t begin = 0; begin < q; begin += kBatch) {
      search.run(queries, begin, std::min(q, begin + kBatch));
    }
    result.search_seconds.push_back(watch.seconds());
  }
  result.steps = search.steps();
}

}  // namespace

Metric parse_metric(std::string_view text) {
  if (text == "dot") {
    return Metric::kDot;
  }
  if (text == "cosine") {
    return Metric::kCosine;
  }
  reject("metric", fmt::format("'{}' is not a metric", text), "use dot or cosine");
}

Rescore parse_rescore(std::string_view text) {
  if (text == "original") {
    return Rescore::kOriginal;
  }
  if (text == "quantised") {
    return Rescore::kQuantised;
  }
  reject("rescore", fmt::format("'{}' is no choice", text), "use original or quantised");
}

VectorSearchResult vector_search(const Backend& backend,
                                 const HostArray& database,
                                 const HostArray& queries,
                                 const VectorSearchOptions& options) {
  check_arguments({"database", database.dtype(), database.shape()},
                  {"queries", queries.dtype(), queries.shape()},
                  options);
  const int64_t q = queries.shape()[0];
  VectorSearchResult result;
  result.indices = HostArray(DType::kI64, {q, options.k});
  result.scores = HostArray(DType::kF32, {q, options.k});

  const Stopwatch watch;
  // Cosines are the dot products of rows of length 1; rows of different dtypes meet in f32.
  const bool cosine = options.metric == Metric::kCosine;
  const bool mixed = database.dtype() != queries.dtype();
  const auto prepared = [&](const HostArray& rows) {
    return cosine ? normalized(rows) : mixed ? widened(rows) : rows;
  };
  const HostArray rows = prepared(database);
  const HostArray left = prepared(queries);
  if (backend.info().kind == BackendKind::kCpu) {
    search_on_cpu(backend, rows, left, options, result);
  } else {
    search_on_gpu(backend, rows, left, options, result);
  }
  std::vector<double> times = result.search_seconds;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  result.search_median = *middle;
  const double all = std::accumulate(times.begin(), times.end(), 0.0);
  result.seconds = watch.seconds() - all + result.search_median;
  measure_recall(rows, left, options, result);
  return result;
}

}  // namespace ingot
