// Exact search on the host, which vector-search is compared with.
#pragma once

#include "core/host_array.hpp"
#include "pipelines/vector_search.hpp"

namespace ingot::vector_search_detail {

/// Searches options.recall_queries of the queries, spread over all, exactly: matrix products in f32
/// and a selection from all scores, sharing no kernel with the search. Sets the recall of `result`,
/// how many were compared, and the time that took. `database` and `queries` are the rows whose dot
/// products are the scores. A row that ties with the last exact neighbour counts as found.
void measure_recall(const HostArray& database,
                    const HostArray& queries,
                    const VectorSearchOptions& options,
                    VectorSearchResult& result);

}  // namespace ingot::vector_search_detail
