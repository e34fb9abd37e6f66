#pragma once

#include <cstdint>
#include <string_view>

#include "ingot/tensor.hpp"

namespace ingot {

enum class Comparison : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

/// "lt", "le", "gt", "ge", "eq", "ne".
std::string_view to_string(Comparison comparison);

/// The inverse of to_string. Throws Error(kInvalidArgument) for any other text.
Comparison parse_comparison(std::string_view text);

/// The u8 mask of `a comparison b`, 1 where it holds and 0 elsewhere, with NumPy's broadcasting.
/// a, b: f32, f16, bf16, i32, u32 or u8, both of one dtype. IEEE 754: a comparison with NaN is
/// false, except kNotEqual; -0.0 equals 0.0. Throws Error(kInvalidArgument) when the dtypes differ
/// or the shapes do not broadcast.
Tensor compare(const Tensor& a, Comparison comparison, const Tensor& b);

/// The same against one number, which is rounded to the dtype of `a` first, as NumPy does. Throws
/// Error(kInvalidArgument) for a number that is not a value of an integer dtype or is beyond the
/// range of a floating-point one.
Tensor compare(const Tensor& a, Comparison comparison, double value);

}  // namespace ingot
