#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// a + b, element by element, with NumPy's broadcasting: shapes are aligned at the last dimension
/// and extents of 1 stretch. a, b: f32, f16, bf16, i32, u32 or i64, both of one dtype, which is the
/// result's. Floating-point sums are rounded to nearest, ties to even (IEEE 754-2008); integer sums
/// wrap around. Throws Error(kInvalidArgument) when the dtypes differ or the shapes do not
/// broadcast.
Tensor add(const Tensor& a, const Tensor& b);

}  // namespace ingot
