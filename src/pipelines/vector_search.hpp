// Nearest neighbours by inner product or cosine, in int8 (f16 on a GPU) with an exact second look.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "pipelines/pipeline.hpp"

namespace ingot {

enum class Metric : uint8_t { kDot, kCosine };

/// What the candidates' final scores are computed from. kOriginal: the rows as given, so the result
/// is exact. kQuantised: the int8 rows, so that after quantisation the original rows are not
/// touched again, as when they are larger than the memory; the recall says what that costs.
enum class Rescore : uint8_t { kOriginal, kQuantised };

/// "dot", "cosine". Throws Error(kInvalidArgument) for any other text.
Metric parse_metric(std::string_view text);

/// "original", "quantised". Throws Error(kInvalidArgument) for any other text.
Rescore parse_rescore(std::string_view text);

struct VectorSearchOptions {
  int64_t k = 10;                        // neighbours per query, 1 to the rows of the database
  std::optional<double> threshold = {};  // least score of a neighbour
  Metric metric = Metric::kDot;          // kCosine: a zero vector scores 0 with everything
  Rescore rescore = Rescore::kOriginal;
  int64_t recall_queries = 100;  // queries whose neighbours are compared with an exact search
  int64_t repeats = 1;           // how often the search is run, to time it
  Progress progress = {};
};

struct VectorSearchResult {
  HostArray indices;  // i64 [queries, k]: rows of the database, best first; -1: no more neighbours
  HostArray scores;   // f32 [queries, k]: descending; -inf beside -1
  std::vector<StepReport> steps;
  double seconds = 0;          // wall time, from host arrays to host arrays
  double prepare_seconds = 0;  // part of it before the first query: the rows go to the device
  std::vector<double> search_seconds;  // each repeat: from queries on the host to neighbours there
  double search_median = 0;
  double recall = 0;           // recall@k on the compared queries; 1 when none was compared
  int64_t recall_queries = 0;  // how many were compared
  double exact_seconds = 0;    // time of the exact search that they were compared with
  int64_t candidates = 0;      // pairs that passed the bound and were scored again
};

/// The steps, in order.
inline constexpr StepSpec kVectorSearchSteps[] = {
    {"quantise", "QUANTIZE_F16_TO_I8", "rows to int8, each with its scale"},
    {"limit", "TOPK_SELECT", "least score of interest to each query, from a sample scored exactly"},
    {"bound", "MAP_COMPARE", "upper bounds of all scores from int8 products, against the limits"},
    {"compact", "COMPACT_MASK", "the rows that may be neighbours of each query"},
    {"dequantise", "DEQUANTIZE_I8_TO_F16", "with rescore=quantised: the rows back from int8"},
    {"score",
     "DOT_BATCHED",
     "the candidates' scores, from the original or the restored rows in place"},
    {"select", "TOPK_SELECT", "the best of them"}};

/// Finds the k rows of `database` [n, d] with the highest scores for each row of `queries` [q, d].
/// Both are f16 or f32. Scores are dot products (or cosines) of the rows as given, accumulated in
/// f32; equal scores are ordered by the smaller index.
///
/// The int8 scores only ever rule rows out, by an upper bound of the exact score
/// (vector_search_rows.hpp): with Rescore::kOriginal the result is that of an exact search, up to
/// the rounding of f32 sums. On a GPU f16 scores take their place (vector_search_gpu.hpp).
///
/// Throws Error(kInvalidArgument) for other dtypes or ranks, differing d, k outside 1..n, and rows
/// that hold NaN, infinity or, with Metric::kDot, values beyond 65504 (naming the row); and
/// Error(kCancelled) when `progress` asks to stop.
VectorSearchResult vector_search(const Backend& backend,
                                 const HostArray& database,
                                 const HostArray& queries,
                                 const VectorSearchOptions& options = {});

}  // namespace ingot
