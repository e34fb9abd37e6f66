#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// The transpose: y[j, i] = x[i, j]. x: [rows, cols] of any dtype; returns [cols, rows]. Bits are
/// moved unchanged.
Tensor transpose_2d(const Tensor& x);

}  // namespace ingot
