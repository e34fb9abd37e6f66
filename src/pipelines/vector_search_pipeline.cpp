#include <algorithm>
#include <iterator>

#include "pipelines/pipeline_call.hpp"
#include "pipelines/vector_search.hpp"
#include "pipelines/vector_search_work.hpp"

namespace ingot {
namespace pipeline_records {

extern const PipelineRecord vector_search;

namespace {

VectorSearchOptions options_of(const PipelineParams& params) {
  VectorSearchOptions options;
  options.k = params.integer("k");
  if (params.has_param("threshold")) {
    options.threshold = params.real("threshold");
  }
  options.metric = parse_metric(params.choice("metric"));
  options.rescore = parse_rescore(params.choice("rescore"));
  options.recall_queries = params.integer("recall_queries");
  options.repeats = params.integer("repeats");
  return options;
}

PipelineResult run_vector_search(const Backend& backend,
                                 const std::vector<NamedArray>& inputs,
                                 const std::vector<NamedValue>& params,
                                 const Progress& progress) {
  const PipelineCall call(vector_search, inputs, params);
  VectorSearchOptions options = options_of(call);
  options.progress = progress;
  const HostArray& queries = *call.input("queries");
  const VectorSearchResult result =
      ingot::vector_search(backend, *call.input("database"), queries, options);
  const double count = static_cast<double>(std::max<int64_t>(1, queries.shape()[0]));
  return {.outputs = {{"indices", result.indices}, {"scores", result.scores}},
          .steps = result.steps,
          .figures = {{"recall@k", result.recall, "fraction"},
                      {"compared with exact search",
                       static_cast<double>(result.recall_queries),
                       "queries"},
                      {"exact search of these took", result.exact_seconds, "s"},
                      {"candidates", static_cast<double>(result.candidates) / count, "per query"},
                      {"preparing took", result.prepare_seconds, "s"},
                      {"searching took", result.search_median, "s"},
                      {"queries", count / result.search_median, "per second"}},
          .seconds = result.seconds};
}

PipelineWork work_of_vector_search(const Sample& run, bool on_gpu) {
  return vector_search_detail::vector_search_work(input_of(vector_search, run, "database"),
                                                  input_of(vector_search, run, "queries"),
                                                  options_of({vector_search, run.params}),
                                                  on_gpu);
}

Sample sample_of_vector_search(int64_t elements) {
  const int64_t rows = std::max<int64_t>(1, elements / 128);
  return {{{"database", DType::kF32, {rows, 128}}, {"queries", DType::kF32, {1000, 128}}},
          {{"k", std::min<int64_t>(10, rows)}}};
}

}  // namespace

const PipelineRecord vector_search = {
    .name = "vector-search",
    .summary = "the rows of a database nearest to each query: int8 first, then exact",
    .inputs = {{.name = "database",
                .dtypes = "f16 f32",
                .shape = "[n, d]",
                .summary = "one vector per row"},
               {.name = "queries",
                .dtypes = "f16 f32",
                .shape = "[q, d]",
                .summary = "one vector per row"}},
    .params = {{.name = "k",
                .type = ParamType::kInteger,
                .fallback = "10",
                .summary = "neighbours of each query, at most n",
                .least = 1},
               {.name = "threshold",
                .type = ParamType::kReal,
                .fallback = "none",
                .summary = "least score of a neighbour"},
               {.name = "metric",
                .type = ParamType::kChoice,
                .fallback = "dot",
                .summary = "score: dot product or cosine",
                .choices = "dot cosine"},
               {.name = "rescore",
                .type = ParamType::kChoice,
                .fallback = "original",
                .summary = "final scores from the rows as given, or from their int8 form only",
                .choices = "original quantised"},
               {.name = "recall_queries",
                .type = ParamType::kInteger,
                .fallback = "100",
                .summary = "queries that are also searched exactly, to measure the recall",
                .least = 0},
               {.name = "repeats",
                .type = ParamType::kInteger,
                .fallback = "1",
                .summary = "searches of the same rows; the median of their times is reported",
                .least = 1}},
    .outputs = {{.name = "indices",
                 .dtypes = "i64",
                 .shape = "[q, k]",
                 .summary = "rows of the database, best first; -1: no more above the threshold"},
                {.name = "scores",
                 .dtypes = "f32",
                 .shape = "[q, k]",
                 .summary = "their scores, descending; -inf beside -1"}},
    .steps = {std::begin(kVectorSearchSteps), std::end(kVectorSearchSteps)},
    .run = run_vector_search,
    .work = work_of_vector_search,
    .sample = sample_of_vector_search,
};

}  // namespace pipeline_records
}  // namespace ingot
