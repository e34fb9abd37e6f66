#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// Rows as 8-bit integers: x is about values * scales.
struct QuantizedRows {
  Tensor values;  // i8 [rows, cols]
  Tensor scales;  // f32 [rows]
};

/// Symmetric 8-bit quantisation of each row of x, f16 [rows, cols]: scale = max|x| / 127, and
/// values = the integer nearest to the exact 127 x / max|x|, ties to even, so within -127..127. The
/// definition does not depend on how a device divides: all backends give the same integers.
///
/// A row of zeros, or with no columns, has scale 0 and values 0. A row with an infinity or NaN
/// cannot be quantised: it has scale NaN and values 0, so that whatever is computed from it is NaN.
///
/// After Jacob et al., arXiv 1712.05877, with a zero point of 0.
QuantizedRows quantize_f16_to_i8(const Tensor& x);

}  // namespace ingot
