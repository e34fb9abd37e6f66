// Exact search on the host, which vector-search is compared with: matrix products in f32 and a
// selection from all scores. It shares no kernel with the search.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/host_array.hpp"

namespace ingot::vector_search_detail {

struct Neighbour {
  float score;
  int64_t index;
};

/// The better of two comes first: the greater score, or the smaller index.
inline bool operator<(const Neighbour& a, const Neighbour& b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

/// The k best rows of `database` for each of `queries` (both f16 or f32), best first. `advance` is
/// called with the fraction done, from any thread, and may throw.
std::vector<std::vector<Neighbour>> exact_neighbours(const HostArray& database,
                                                     const HostArray& queries,
                                                     int64_t k,
                                                     const std::function<void(double)>& advance);

}  // namespace ingot::vector_search_detail
