#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// The inverse of quantize_f16_to_i8: q * scale of the row, rounded to f32 and then to f16 (to
/// nearest, ties to even; magnitudes from 65520 on become infinite, a NaN scale gives NaN). q: i8
/// [rows, cols]; scale: f32 [rows]; returns f16 [rows, cols]. Throws Error(kInvalidArgument) when
/// the numbers of rows differ.
Tensor dequantize_i8_to_f16(const Tensor& q, const Tensor& scale);

}  // namespace ingot
