// The GPU that tests of the runtime use.
#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

#if defined(__APPLE__)
constexpr BackendPreference kGpu = BackendPreference::kMetal;
#else
constexpr BackendPreference kGpu = BackendPreference::kSoftMetal;
#endif

}  // namespace ingot
