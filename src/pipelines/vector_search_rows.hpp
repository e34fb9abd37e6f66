// What vector-search makes of its inputs on the host, before they go to the device.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/host_array.hpp"

namespace ingot::vector_search_detail {

/// The name that errors and progress give.
inline constexpr std::string_view kVectorSearch = "vector-search";

struct Neighbour {
  float score;
  int64_t index;
};

/// The better of two comes first: the greater score, or the smaller index.
inline bool operator<(const Neighbour& a, const Neighbour& b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

/// Rows [n, d] of f16 or f32 as f32.
HostArray widened(const HostArray& rows);

/// Rows of f16 or f32 as f32, divided by their lengths; a row of zeros stays one. NaN and infinity
/// give rows that hold NaN.
HostArray normalized(const HostArray& rows);

/// `count` of n rows, ascending: one from each of as many equal stretches, at a random place (from
/// a fixed seed), so that data in any order, periodic too, is represented.
std::vector<int64_t> sampled_rows(int64_t n, int64_t count);
/// A copy of these rows.
HostArray sampled(const HostArray& rows, int64_t count);

/// How far an exact score may lie above its int8 approximation.
///
/// A database row x is about s_x X, with integers X and scale s_x = max|x| / 127: each element is
/// off by at most e s_x, where e is a half, and a little more if x was f32 and became f16 first.
/// A query is q = s_q Q + r, with a residual r that is known. So
///
///   q.x <= s_x (s_q Q.X + bias) + slack,  bias = s_q e |Q|_1 + max|x| / s_x |r|_1,
///
/// with slack for values that f16 flushes to zero. `bias` also covers the rounding of the scores.
struct ScoreBounds {
  HostArray bias;   // f32 [q]
  HostArray slack;  // f32 [q, 1]
};
ScoreBounds score_bounds(const HostArray& queries, bool narrowed);

}  // namespace ingot::vector_search_detail
