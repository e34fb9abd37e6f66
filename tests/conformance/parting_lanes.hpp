// A test of SIMD functions on a GPU.
#pragma once

#include "ingot/tensor.hpp"

namespace ingot::conformance {

/// Fails the running test where a SIMD function goes wrong because lanes have parted.
void check_parting_lanes(const Backend& backend);

}  // namespace ingot::conformance
