#pragma once

#include "ingot/reduction.hpp"
#include "ingot/tensor.hpp"

namespace ingot {

/// The sum of all elements (a tensor of shape []) or along one axis (x's shape without it). f32,
/// f16 and bf16 are summed pairwise in f32 and rounded once, so the error grows with log n; i32,
/// u32 and i64 wrap on overflow. Infinities and NaN propagate. The sum of nothing is 0. The result
/// has x's dtype and is the same on every run. Throws Error(kInvalidArgument) for an axis that x
/// does not have. Higham, "The accuracy of floating point summation", 1993.
Tensor reduce_sum(const Tensor& x, const ReductionOptions& options = {});

}  // namespace ingot
