// What kernels of a checked build call.
#pragma once

#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// The functions for Runtime::checks.
Checks check_hooks();

}  // namespace softmetal
