// The end of a host text: what makes a kernel function callable for softmetal.
#pragma once

#include <string>

#include "msl/module.hpp"

namespace ingot::msl {

/// `SOFTMETAL_ENTRY((callable), binding, ...)`, which softmetal/entry.h defines, and before it the
/// members of the kernel's argument buffers, if it has some. Begins on a new line.
std::string host_entry(const Module& module, const Kernel& kernel);

}  // namespace ingot::msl
