#include "pipelines/vector_search_work.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "pipelines/vector_search_rows.hpp"

namespace ingot::vector_search_detail {
namespace {

// How the work is cut on a CPU.
struct Policy {
  // Bytes of mask between the bound and the compaction: half of a usual 32 MiB L3 cache, so that it
  // never leaves it.
  int64_t mask = 16 << 20;
  // A limit from one row in 32 lets about 32 k rows pass, and as much again for the bound's
  // looseness: scoring these costs about as much as scoring the sample (1M x 128, 1,000 queries).
  int64_t sample_stride = 32;
  int64_t sample_least = 1024;       // rows
  int64_t sample_scores = 16 << 20;  // most scores of a sample: 64 MiB
  double looseness = 2;              // rows that pass, for each that reaches the limit
};
constexpr Policy kPolicy;

// And on a GPU.
struct GpuPolicy {
  // A limit from one row in so many lets about so many times k rows pass. Scoring the sample costs
  // as much as as many rows of the search itself, and selecting from it as much again. On an H200
  // the limit takes 2.4 of 19.6 ms, scoring and selecting 0.2 (10M x 128, 1,000 queries, k = 10).
  int64_t sample_stride = 38;
  int64_t sample_least = 1024;  // rows
  // Scores, or candidates, that are held at a time: 1 GiB.
  int64_t most_scores = 1 << 28;
  int64_t most_queries = 1024;  // that share a pass over the rows
};
constexpr GpuPolicy kGpuPolicy;

// The calls for one database.
class Calls {
 public:
  Calls(DType dtype, int64_t n, int64_t d, const VectorSearchOptions& options)
      : dtype_(dtype), n_(n), d_(d), k_(options.k), rescore_(options.rescore) {}

  void quantise(int64_t rows, double times) {
    if (dtype_ == DType::kF32) {
      add("quantise", "QUANTIZE_F32_TO_F16", {{{"x", DType::kF32, {rows, d_}}}, {}}, times);
    }
    add("quantise", "QUANTIZE_F16_TO_I8", {{{"x", DType::kF16, {rows, d_}}}, {}}, times);
  }

  // The k-th best score of a sample, for each of q queries.
  void limit(DType dtype, int64_t q, int64_t sample, double times) {
    add("limit",
        "DOT_BATCHED",
        {{{"a", dtype, {q, d_}}, {"b", dtype, {sample, d_}}}, {{"pairs", "all"}}},
        times);
    add("limit", "TOPK_SELECT", {{{"x", DType::kF32, {q, sample}}}, {{"k", k_}}}, times);
    add("limit", "TOPK_SELECT", {{{"x", DType::kF32, {q, k_}}}, {{"k", 1}}}, times);
    add("limit", "MAP_ADD", {{{"a", DType::kF32, {q, 1}}, {"b", DType::kF32, {q, 1}}}, {}}, times);
  }

  // From the bound to the selection, for `rows` of the database.
  void block(int64_t q, int64_t rows, double times) {
    const int64_t room = expected_room(rows);
    add("bound",
        "DOT_BATCHED",
        {{{"a", DType::kI8, {q, d_}},
          {"b", DType::kI8, {rows, d_}},
          {"a_scale", DType::kF32, {q}},
          {"b_scale", DType::kF32, {rows}},
          {"a_bias", DType::kF32, {q}},
          {"at_least", DType::kF32, {q}}},
         {{"pairs", "all"}}},
        times);
    add("compact", "COMPACT_MASK", {{{"mask", DType::kU8, {q, rows}}}, {{"room", room}}}, times);
    DType scored = dtype_;
    if (rescore_ == Rescore::kQuantised) {
      scored = DType::kF16;
      add("dequantise",
          "DEQUANTIZE_I8_TO_F16",
          {{{"q", DType::kI8, {rows, d_}}, {"scale", DType::kF32, {rows}}}, {}},
          times);
      if (dtype_ == DType::kF32) {
        add("dequantise", "QUANTIZE_F32_TO_F16", {{{"x", DType::kF32, {q, d_}}}, {}}, times);
      }
    }
    score_and_select(scored, q, rows, room, times);
  }

  // A search of all rows for q queries on a GPU, in f16 products.
  void gpu_search(int64_t q, double times) {
    const int64_t room = gpu_room(n_, k_);
    if (dtype_ == DType::kF32) {
      add("limit", "QUANTIZE_F32_TO_F16", {{{"x", DType::kF32, {q, d_}}}, {}}, times);
    }
    limit(DType::kF16, q, gpu_sample_rows(n_, k_), times);
    add("bound",
        "DOT_BATCHED",
        {{{"a", DType::kF16, {q, d_}},
          {"b", DType::kF16, {n_, d_}},
          {"at_least", DType::kF32, {q}}},
         {{"pairs", "all"}, {"room", room}}},
        times);
    score_and_select(rescore_ == Rescore::kQuantised ? DType::kF16 : dtype_, q, n_, room, times);
  }

  std::vector<StepCalls> take() { return std::move(calls_); }

 private:
  // For q queries with room for so many candidates among `rows`. Of these only those are read that
  // some query asks for.
  void score_and_select(DType dtype, int64_t q, int64_t rows, int64_t room, double times) {
    add("score",
        "DOT_BATCHED",
        {{{"a", dtype, {q, d_}},
          {"b", dtype, {std::min(rows, q * room), d_}},
          {"columns", DType::kU32, {q, room}}},
         {{"pairs", "all"}}},
        times);
    add("select",
        "TOPK_SELECT",
        {{{"x", DType::kF32, {q, room}}, {"labels", DType::kU32, {q, room}}},
         {{"k", std::min(k_, room)}}},
        times);
  }

  // Places for the candidates of a query among `rows`, as the search chooses them from the last
  // block.
  int64_t expected_room(int64_t rows) const {
    const double share = static_cast<double>(k_) / static_cast<double>(sample_rows(n_, k_));
    const auto candidates =
        static_cast<int64_t>(std::min(1.0, kPolicy.looseness * share) * static_cast<double>(rows));
    return std::min(rows, room_after(candidates));
  }

  void add(std::string_view step, std::string_view kernel, Sample call, double times) {
    calls_.push_back({step, kernel, std::move(call), times});
  }

  DType dtype_;
  int64_t n_, d_, k_;
  Rescore rescore_;
  std::vector<StepCalls> calls_;
};

// Calls body(extent, how often) for the pieces of `piece` that `whole` is cut into, the last of
// them smaller.
template <class Body>
void for_each_piece(int64_t whole, int64_t piece, Body&& body) {
  if (whole >= piece) {
    body(piece, static_cast<double>(whole / piece));
  }
  if (whole % piece != 0) {
    body(whole % piece, 1.0);
  }
}

}  // namespace

int64_t sample_rows(int64_t n, int64_t k) {
  const int64_t wanted = std::max({n / kPolicy.sample_stride, kPolicy.sample_least, 4 * k});
  const int64_t most = std::max(kPolicy.sample_scores / kBatch, k);
  return std::min({wanted, most, n});
}

int64_t block_rows(int64_t queries) {
  return std::clamp<int64_t>(kPolicy.mask / queries / 1024 * 1024, 1024, 1 << 30);
}

int64_t room_after(int64_t candidates) {
  return static_cast<int64_t>(
      std::bit_ceil(static_cast<uint64_t>(candidates + candidates / 2 + 1)));
}

int64_t gpu_sample_rows(int64_t n, int64_t k) {
  return std::min(n, std::max({n / kGpuPolicy.sample_stride, kGpuPolicy.sample_least, 4 * k}));
}

// The k-th best of a sample lets k / share pass on average, where the sample is that share of the
// rows; more than eight standard deviations are unlikely.
int64_t gpu_room(int64_t n, int64_t k) {
  const double share =
      static_cast<double>(gpu_sample_rows(n, k)) / static_cast<double>(std::max<int64_t>(1, n));
  const auto wanted = static_cast<double>(k);
  const auto room = static_cast<int64_t>((wanted + 8 * std::sqrt(wanted) + 24) / share);
  return std::min(n, (room + 63) / 64 * 64);
}

int64_t gpu_batch(int64_t room, int64_t sample) {
  return std::clamp<int64_t>(
      kGpuPolicy.most_scores / std::max(room, sample), 1, kGpuPolicy.most_queries);
}

void reject(std::string_view argument, std::string problem, std::string remedy) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}", kVectorSearch, argument),
              std::move(problem),
              std::move(remedy));
}

void reject_row(std::string_view argument, int64_t row) {
  reject(argument,
         fmt::format("row {} holds NaN, infinity or a value beyond 65504, the limit of f16", row),
         "remove the row, or scale the data");
}

void check_arguments(const Sample::Input& database,
                     const Sample::Input& queries,
                     const VectorSearchOptions& options) {
  for (const Sample::Input& array : {database, queries}) {
    if (array.dtype != DType::kF16 && array.dtype != DType::kF32) {
      reject(array.name, fmt::format("is {}", to_string(array.dtype)), "use f16 or f32");
    }
    if (array.shape.rank() != 2) {
      reject(array.name,
             fmt::format("has shape {}", to_string(array.shape)),
             "give one vector per row: [rows, d]");
    }
  }
  const int64_t d = database.shape[1];
  if (queries.shape[1] != d) {
    reject("queries",
           fmt::format("has rows of {} elements, those of database have {}", queries.shape[1], d));
  }
  if (d == 0) {
    reject("database", "has rows of no elements");
  }
  if (options.k < 1 || options.k > database.shape[0]) {
    reject("k",
           fmt::format("{} neighbours of {} rows", options.k, database.shape[0]),
           "k may be 1 to the rows of database");
  }
  if (options.threshold && std::isnan(*options.threshold)) {
    reject("threshold", "is NaN");
  }
  if (options.repeats < 1) {
    reject("repeats", fmt::format("{} searches are none", options.repeats), "give 1 or more");
  }
  if (options.recall_queries < 0) {
    reject("recall_queries", fmt::format("{} is negative", options.recall_queries));
  }
}

PipelineWork vector_search_work(const Sample::Input& database,
                                const Sample::Input& queries,
                                const VectorSearchOptions& options,
                                bool on_gpu) {
  check_arguments(database, queries, options);
  const int64_t n = database.shape[0];
  const int64_t q = queries.shape[0];
  // As the search itself: cosines and rows of different dtypes meet in f32.
  const bool wide = options.metric == Metric::kCosine || database.dtype != queries.dtype;
  const DType dtype = wide ? DType::kF32 : database.dtype;
  Calls calls(dtype, n, database.shape[1], options);
  if (on_gpu) {
    const int64_t batch = gpu_batch(gpu_room(n, options.k), gpu_sample_rows(n, options.k));
    for_each_piece(
        q, batch, [&](int64_t queries, double times) { calls.gpu_search(queries, times); });
  } else {
    calls.quantise(n, 1);
    for_each_piece(q, kBatch, [&](int64_t queries, double batches) {
      calls.quantise(queries, batches);
      calls.limit(dtype, queries, sample_rows(n, options.k), batches);
      for_each_piece(n, block_rows(queries), [&](int64_t rows, double blocks) {
        calls.block(queries, rows, batches * blocks);
      });
    });
  }
  const auto bytes_of = [](const Sample::Input& array) {
    return static_cast<double>(array.shape.elements()) * static_cast<double>(size_of(array.dtype));
  };
  const double outputs = static_cast<double>(q) * static_cast<double>(options.k) *
                         static_cast<double>(size_of(DType::kI64) + size_of(DType::kF32));
  return {.calls = calls.take(),
          .items = static_cast<double>(q),
          .item = "queries",
          .data_bytes = bytes_of(database) + bytes_of(queries) + outputs};
}

}  // namespace ingot::vector_search_detail
