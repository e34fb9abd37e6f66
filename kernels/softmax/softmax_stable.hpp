#pragma once

#include <cstdint>

#include "ingot/tensor.hpp"

namespace ingot {

struct SoftmaxOptions {
  /// The dimension whose elements sum to one; the last, written as -1 or by its number.
  int64_t axis = -1;
};

/// y = exp(x - max) / sum(exp(x - max)) over the last dimension, computed in f32. -inf gives 0; a
/// row that holds NaN or +inf, or nothing but -inf, becomes NaN, as IEEE arithmetic and PyTorch
/// have it. x: f32, f16 or bf16 of shape [..., n]; returns the same dtype and shape. Throws
/// Error(kInvalidArgument) for a scalar and for an axis that x does not have, Error(kUnsupported)
/// for an axis that is not the last. Milakov, Gimelshein, "Online normalizer calculation for
/// softmax", 2018 (the safe form).
Tensor softmax(const Tensor& x, const SoftmaxOptions& options = {});

}  // namespace ingot
