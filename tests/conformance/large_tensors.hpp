// Tests with tensors of more than 2^32 elements.
#pragma once

#include <span>

#include "ingot/tensor.hpp"

namespace ingot::conformance {

struct LargeTest {
  const char* name;
  void (*check)(const Backend&);
};

/// What runs for INGOT_TEST_SIZES=large: up to 22 GB of a device's memory, and where it does not
/// share the host's, as much there. A test that needs more than the device has is skipped.
std::span<const LargeTest> large_tests();

}  // namespace ingot::conformance
