// Loops over all cores (oneTBB).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ingot {

/// Cores that parallel_for uses.
int worker_count();

/// Calls body(begin, end) on pieces that cover 0..count exactly once, on all cores; returns when
/// all are done. A piece has at least `grain` items, unless there are fewer: choose the grain so
/// that a piece is worth more than the ~1 us it takes to hand it out. One piece runs on the
/// caller's thread alone. An exception thrown by a body is rethrown here.
void parallel_for(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

/// Grain for loops that do little per element: enough bytes for a core to stream.
inline constexpr int64_t kElementwiseGrain = 1 << 15;

/// Splits 0..count into as many equal pieces as there are workers (fewer when a piece would fall
/// below `grain`) and calls body(piece, begin, end). For algorithms that need one partial result
/// per piece; `piece_count` says how many.
int piece_count(int64_t count, int64_t grain);
void parallel_pieces(int64_t count,
                     int pieces,
                     const std::function<void(int, int64_t, int64_t)>& body);

}  // namespace ingot
