#pragma once

#include "ingot/reduction.hpp"
#include "ingot/tensor.hpp"

namespace ingot {

/// The position of the greatest element: in x flattened (a tensor of shape []), or along one axis
/// (x's shape without it). Of equal elements the first wins; -0 equals +0; as in NumPy, NaN is
/// greater than all, so the first NaN wins. x: f32, f16, bf16, i32 or u32; returns i64. Throws
/// Error(kInvalidArgument) when there is nothing to choose from, and for an axis that x does not
/// have.
Tensor reduce_argmax(const Tensor& x, const ReductionOptions& options = {});

}  // namespace ingot
