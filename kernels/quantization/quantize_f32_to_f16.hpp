#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// f32 to f16, rounded to nearest, ties to even (IEEE 754-2008, convertFormat). Magnitudes above
/// 65504 become infinite, subnormals are kept, NaN stays NaN. x: f32 of any shape; returns f16 of
/// the same shape.
Tensor quantize_f32_to_f16(const Tensor& x);

}  // namespace ingot
