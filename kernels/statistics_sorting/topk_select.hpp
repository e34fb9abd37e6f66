#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

struct TopkOptions {
  bool largest = true;  // false: the k smallest, smallest first
  Tensor labels = {};   // u32 of x's shape: returned instead of the indices
};

struct Topk {
  Tensor values;   // [..., k], best first, of x's dtype
  Tensor indices;  // [..., k], i64: where in the row each value stands
};

/// The k largest (or smallest) values of each row of x, sorted, with their indices. x: f32, f16 or
/// bf16 of shape [..., n], n < 2^32; 0 <= k <= n. NaN counts as greater than any number, as in
/// torch.topk; -0.0 equals +0.0; of equal values the one with the smaller index comes first. Throws
/// Error(kInvalidArgument) for k > n.
Topk topk(const Tensor& x, int64_t k, const TopkOptions& options = {});

}  // namespace ingot
