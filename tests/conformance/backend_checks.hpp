// Tests of a GPU's backend that are no kernel's.
#pragma once

#include <span>

#include "ingot/tensor.hpp"

namespace ingot::conformance {

/// The body of a test, which runs as SUITE_DEVICE.NAME.
struct BackendCheck {
  const char* suite;
  const char* name;
  void (*check)(const Backend&);
};

/// SIMD functions where the lanes of a SIMD-group have parted.
std::span<const BackendCheck> simd_checks();

/// Kernels that fault and memory that runs out: they are reported, and the process goes on.
std::span<const BackendCheck> failure_checks();

/// Tensors of more than 2^32 elements, for INGOT_TEST_SIZES=large: up to 22 GB of a device's
/// memory, and where it does not share the host's, as much there. A test that needs more than the
/// device has is skipped.
std::span<const BackendCheck> large_tensor_checks();

}  // namespace ingot::conformance
