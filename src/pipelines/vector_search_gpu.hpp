// vector-search on a GPU: exact scores in f16 products rule rows out, without int8.
#pragma once

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "pipelines/vector_search.hpp"

namespace ingot::vector_search_detail {

/// Searches `database` [n, d] for the neighbours of `queries` [q, d], of one dtype (f16 or f32), on
/// a GPU, and fills in `result`, whose arrays have their shapes already, but for the recall.
///
/// The rows go to the device first. A search then takes the queries up and the neighbours down, and
/// nothing in between: from a sample of the rows comes a limit that each query's k-th best score
/// surely reaches; one pass over the rows in f16 lists those that reach it, less what f16 may be
/// wrong by; these are scored from the rows themselves. How many reach it comes down with the
/// results: a query that had more than there was room for is searched again with more.
///
/// With Rescore::kQuantised the rows are first replaced by what their int8 form stands for.
///
/// Throws Error as vector_search does.
void search_on_gpu(const Backend& backend,
                   const HostArray& database,
                   const HostArray& queries,
                   const VectorSearchOptions& options,
                   VectorSearchResult& result);

}  // namespace ingot::vector_search_detail
