#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// What a compaction keeps. The number of values kept stays on the device until somebody asks.
struct Compacted {
  Tensor values;  // room for all of x; only the first `count` along the first dimension are written
  Tensor count;   // u64 scalar

  /// The values kept, without a copy. Waits for the count.
  Tensor fetch() const { return values.rows(0, static_cast<int64_t>(count.item<uint64_t>())); }
};

/// Keeps x[i] where mask[i] is not 0, in order. x: any dtype, of shape [n] or [n, ...], whose rows
/// are kept whole; mask: u8 or bool of shape [n]. Keeping all or nothing is normal. Throws
/// Error(kInvalidArgument) when the mask has another length. NumPy's x[mask != 0].
Compacted compact(const Tensor& x, const Tensor& mask);

/// The columns that each row of a mask keeps.
struct CompactedColumns {
  Tensor columns;  // u32 [rows, room]: ascending; 2^32 - 1 where a row has no more
  Tensor counts;   // u64 [rows]: how many a row keeps, which may be more than it has room for
};

/// The columns c with mask[r, c] not 0, for every row r, of which the first `room` are returned.
/// mask: u8 or bool [rows, n]. Throws Error(kInvalidArgument) for a negative room.
/// jax.numpy.nonzero(size=room) of every row.
CompactedColumns compact_columns(const Tensor& mask, int64_t room);

}  // namespace ingot
