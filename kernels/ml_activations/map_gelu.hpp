#pragma once

#include <cstdint>

#include "ingot/tensor.hpp"

namespace ingot {

enum class GeluForm : uint8_t { kTanh, kErf };

/// Gaussian error linear unit (Hendrycks and Gimpel, arXiv 1606.08415), element by element:
///   kTanh  0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
///   kErf   0.5 x (1 + erf(x / sqrt(2)))
/// x: f32, f16 or bf16 of any shape; computed in f32; returns the dtype and shape of x. Infinities
/// give the limits, -0 and inf; NaN stays NaN.
Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kTanh);

}  // namespace ingot
