// What vector-search has to do with inputs of given shapes, and how it cuts that into calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/pipeline.hpp"
#include "pipelines/vector_search.hpp"

namespace ingot::vector_search_detail {

/// On a CPU: queries that share a pass over the database: enough that reading its int8 rows again
/// for the next ones is hidden behind the products, few enough that the sample's scores stay small
/// (fresh memory costs more than the passes).
inline constexpr int64_t kBatch = 256;

/// On a CPU: rows of a database of `n` that the limits come from.
int64_t sample_rows(int64_t n, int64_t k);

/// On a CPU: rows of the database that are bound, compacted and scored at a time, for `queries` at
/// a time.
int64_t block_rows(int64_t queries);

/// On a CPU: places for the candidates of a query in a block, after one in which a query had
/// `candidates`: half as many again, in powers of two.
int64_t room_after(int64_t candidates);

/// On a GPU: rows of a database of `n` that the limits come from, the places for the candidates of
/// a query, and how many queries share a pass over the database.
int64_t gpu_sample_rows(int64_t n, int64_t k);
int64_t gpu_room(int64_t n, int64_t k);
int64_t gpu_batch(int64_t room, int64_t sample);

/// Throws Error(kInvalidArgument) for an argument of vector-search.
[[noreturn]] void reject(std::string_view argument, std::string problem, std::string remedy = {});

/// Throws Error(kInvalidArgument) for a row of the argument that f16 cannot hold.
[[noreturn]] void reject_row(std::string_view argument, int64_t row);

/// Throws as vector_search() does for what can be told from dtypes, shapes and options.
void check_arguments(const Sample::Input& database,
                     const Sample::Input& queries,
                     const VectorSearchOptions& options);

/// The calls of the steps, without the host's own work: converting rows, merging blocks, measuring
/// the recall. How many rows pass the bound depends on the data; taken is what the limits let
/// expect.
PipelineWork vector_search_work(const Sample::Input& database,
                                const Sample::Input& queries,
                                const VectorSearchOptions& options,
                                bool on_gpu);

}  // namespace ingot::vector_search_detail
