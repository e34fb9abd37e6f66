#include "pipelines/vector_search_gpu.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "ingot/ops.hpp"

#include "pipelines/step_clock.hpp"
#include "pipelines/vector_search_rows.hpp"
#include "pipelines/vector_search_work.hpp"

namespace ingot::vector_search_detail {
namespace {

// Rows that are scored, and the same in f16.
struct Rows {
  Tensor scored;
  Tensor narrow;
};

class GpuSearch {
 public:
  GpuSearch(const Backend& backend,
            const HostArray& database,
            const HostArray& queries,
            const VectorSearchOptions& options,
            VectorSearchResult& result)
      : backend_(backend),
        queries_(queries),
        options_(options),
        result_(result),
        clock_(backend, kVectorSearchSteps),
        n_(database.shape()[0]),
        d_(database.shape()[1]),
        quantised_(options.rescore == Rescore::kQuantised),
        narrowed_(database.dtype() == DType::kF32 && !quantised_) {
    report(0, "taking the database to the device");
    rows_ = prepared(upload(database));
    sample_ = prepared(upload(sampled(database, gpu_sample_rows(n_, options.k)))).narrow;
    longest_ = longest_row();
    const std::string device(backend.name());
    clock_.set_served_by("bound", device + ", one f16 product with compact");
    clock_.set_served_by("compact", "within bound");
    if (!quantised_) {
      clock_.set_served_by("quantise", "not run: f16 products on the GPU");
      clock_.set_served_by("dequantise", "not run: rescore=original");
    }
    prepared_clock_ = clock_;
  }

  /// Finds the neighbours of all queries.
  void run() {
    clock_ = prepared_clock_;
    result_.candidates = 0;
    std::vector<int64_t> pending(static_cast<size_t>(queries_.shape()[0]));
    std::iota(pending.begin(), pending.end(), 0);
    int64_t room = gpu_room(n_, options_.k);
    while (!pending.empty()) {
      const int64_t batch = gpu_batch(room, sample_.shape()[0]);
      std::vector<int64_t> again;
      uint64_t most = 0;
      for (size_t begin = 0; begin < pending.size(); begin += static_cast<size_t>(batch)) {
        report(1 - static_cast<double>(pending.size() - begin) /
                       static_cast<double>(queries_.shape()[0]),
               "searching");
        const size_t count = std::min(pending.size() - begin, static_cast<size_t>(batch));
        most = std::max(most, search(std::span(pending).subspan(begin, count), room, again));
      }
      room = std::min(n_, static_cast<int64_t>(std::bit_ceil(most)));
      pending = std::move(again);
    }
  }

  const std::vector<StepReport>& steps() const { return clock_.reports(); }

 private:
  void report(double fraction, std::string_view text) const {
    report_progress(options_.progress, kVectorSearch, fraction, text);
  }

  Tensor upload(const HostArray& array) const {
    return backend_.import_host(array.data(), array.dtype(), array.shape(), array.owner());
  }

  Rows prepared(const Tensor& rows) {
    if (quantised_) {
      const Tensor narrow = rows.dtype() == DType::kF32 ? quantize_f32_to_f16(rows) : rows;
      const QuantizedRows quantized = clock_.measure(
          "quantise", 1.5 * bytes_of({narrow}), [&] { return quantize_f16_to_i8(narrow); });
      const Tensor restored = clock_.measure("dequantise", 1.5 * bytes_of({narrow}), [&] {
        return dequantize_i8_to_f16(quantized.values, quantized.scales);
      });
      return {restored, restored};
    }
    return {rows, narrowed_ ? quantize_f32_to_f16(rows) : rows};
  }

  // The greatest length of a row in f16; throws when one is not finite, whose square then is not.
  double longest_row() const {
    const Tensor squares = dot_rows(rows_.narrow, rows_.narrow).reshape({1, n_});
    const Topk greatest = topk(squares, 1);
    const float square = greatest.values.item<float>();
    if (!std::isfinite(square)) {
      reject_row("database", greatest.indices.item<int64_t>());
    }
    return std::sqrt(static_cast<double>(square));
  }

  HostArray rows_of(std::span<const int64_t> queries) const {
    const size_t row_bytes = static_cast<size_t>(d_) * size_of(queries_.dtype());
    HostArray rows(queries_.dtype(), {static_cast<int64_t>(queries.size()), d_});
    for (size_t i = 0; i < queries.size(); ++i) {
      std::memcpy(rows.data() + i * row_bytes,
                  queries_.data() + static_cast<size_t>(queries[i]) * row_bytes,
                  row_bytes);
    }
    return rows;
  }

  // What is added to the k-th best f16 score of a sample to give a score in f16 that none of the k
  // best rows is below: twice what an f16 score and an exact one may differ by, once for the row
  // that gives the limit and once for the row that is held against it.
  HostArray slack_of(const HostArray& rows, std::span<const int64_t> queries) const {
    // Of a sum of d products in f32, as a share of |q| |x|. Tensor cores round towards zero, and
    // sums of few terms at once.
    const double rounding = static_cast<double>(d_ + 8) * 0x1p-22;
    // Both rows are off by 2^-11 of each value, or by 2^-25 where the value is tiny.
    const double narrowing = narrowed_ ? 1.01 * 0x1p-10 : 0;
    const double flush = narrowed_ ? 1.01 * 0x1p-25 * std::sqrt(static_cast<double>(d_)) : 0;
    HostArray slack(DType::kF32, {rows.shape()[0], 1});
    const bool into_f16 = narrowed_ || quantised_;
    for (int64_t i = 0; i < rows.shape()[0]; ++i) {
      double square = 0;
      for (int64_t k = 0; k < d_; ++k) {
        const double x = rows.real(i * d_ + k);
        square += x * x;
        if (!std::isfinite(into_f16 ? static_cast<double>(static_cast<float16>(x)) : x)) {
          reject_row("queries", queries[static_cast<size_t>(i)]);
        }
      }
      const double length = std::sqrt(square);
      const double difference =
          1.001 * (length * longest_ * (2 * rounding + narrowing) + flush * (length + longest_));
      slack.as<float>()[static_cast<size_t>(i)] = static_cast<float>(-2 * difference);
    }
    return slack;
  }

  // Searches for some queries with room for so many candidates of each. Those that have more are
  // appended to `again`. Returns the most candidates of a query.
  uint64_t search(std::span<const int64_t> queries, int64_t room, std::vector<int64_t>& again) {
    const HostArray rows = rows_of(queries);
    const Tensor slack = upload(slack_of(rows, queries));
    const Tensor given = upload(rows);
    const bool into_f16 = given.dtype() == DType::kF32;
    const Tensor narrow = into_f16 ? quantize_f32_to_f16(given) : given;
    const Tensor scored = quantised_ ? narrow : given;
    const auto q = static_cast<int64_t>(queries.size());
    const double pairs = static_cast<double>(q) * static_cast<double>(room);

    const double sample_scores = static_cast<double>(q) * static_cast<double>(sample_.shape()[0]);
    const Tensor limits =
        clock_.measure("limit", bytes_of({narrow, sample_}) + 8 * sample_scores, [&] {
          const Tensor best = topk(dot_all(narrow, sample_), options_.k).values;
          return add(topk(best, 1, {.largest = false}).values, slack).reshape({q});
        });
    // A bit for each score is written and read.
    const double bits = static_cast<double>(q) * static_cast<double>(n_) / 8;
    const DotColumns found =
        clock_.measure("bound", bytes_of({narrow, rows_.narrow}) + 2 * bits + 4 * pairs, [&] {
          return dot_columns_at_least(narrow, rows_.narrow, limits, room);
        });
    const Tensor scores = clock_.measure(
        "score", 8 * pairs, [&] { return dot_at(scored, rows_.scored, found.columns); });
    const Topk best = clock_.measure(
        "select", 8 * pairs, [&] { return topk(scores, options_.k, {.labels = found.columns}); });
    return take(queries,
                room,
                found.counts.to_vector<uint64_t>(),
                best.values.to_vector<float>(),
                best.indices.to_vector<int64_t>(),
                again);
  }

  uint64_t take(std::span<const int64_t> queries,
                int64_t room,
                const std::vector<uint64_t>& counts,
                const std::vector<float>& scores,
                const std::vector<int64_t>& columns,
                std::vector<int64_t>& again) {
    constexpr float kNone = -std::numeric_limits<float>::infinity();
    const auto least = static_cast<float>(options_.threshold.value_or(kNone));
    const auto k = static_cast<size_t>(options_.k);
    for (size_t i = 0; i < queries.size(); ++i) {
      if (counts[i] > static_cast<uint64_t>(room)) {
        again.push_back(queries[i]);
        continue;
      }
      result_.candidates += static_cast<int64_t>(counts[i]);
      for (size_t j = 0; j < k; ++j) {
        const float score = scores[i * k + j];
        const bool is_one = score > kNone && score >= least;
        const size_t to = static_cast<size_t>(queries[i]) * k + j;
        result_.scores.as<float>()[to] = is_one ? score : kNone;
        result_.indices.as<int64_t>()[to] = is_one ? columns[i * k + j] : -1;
      }
    }
    return *std::max_element(counts.begin(), counts.end());
  }

  Backend backend_;
  const HostArray& queries_;
  const VectorSearchOptions& options_;
  VectorSearchResult& result_;
  StepClock clock_;
  StepClock prepared_clock_ = clock_;
  int64_t n_;
  int64_t d_;
  bool quantised_;
  bool narrowed_;  // the f16 rows are not those that are scored
  Rows rows_;
  Tensor sample_;
  double longest_ = 0;
};

}  // namespace

void search_on_gpu(const Backend& backend,
                   const HostArray& database,
                   const HostArray& queries,
                   const VectorSearchOptions& options,
                   VectorSearchResult& result) {
  const Stopwatch preparing;
  GpuSearch search(backend, database, queries, options, result);
  result.prepare_seconds = preparing.seconds();
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
    const Stopwatch watch;
    search.run();
    result.search_seconds.push_back(watch.seconds());
  }
  result.steps = search.steps();
}

}  // namespace ingot::vector_search_detail
