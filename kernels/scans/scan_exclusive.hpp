#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

struct ExclusiveScanOptions {
  int64_t axis = -1;  // dimension to sum along; negative: from the end
};

/// Prefix sums along an axis: y[i] = x[0] + ... + x[i-1], y[0] = 0. x: u32, i32, u64 (sums wrap) or
/// f32 (summed in blocks), at least one dimension; returns the same dtype and shape. Throws
/// Error(kInvalidArgument) for an axis that x does not have. Blelloch, Prefix Sums and Their
/// Applications, 1990.
Tensor exclusive_scan(const Tensor& x, const ExclusiveScanOptions& options = {});

}  // namespace ingot
