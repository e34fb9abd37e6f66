// Variables that are read before they have a value, as far as the compiler sees it: they may live
// in registers, where no access to memory tells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// What the warnings of Toolchain::compile say about a kernel, each place once. Where the read
/// depends on the way that the kernel takes, the finding is advice.
std::vector<Finding> uninitialised_uses(std::string_view warnings, const std::string& kernel);

}  // namespace softmetal
