// The shaders embedded in the library.
#pragma once

#include <string_view>
#include <vector>

#include "msl/source.hpp"

namespace ingot {

/// The embedded shader of that path below kernels/ ("reductions/reduce_sum.metal") with its
/// includes resolved, as it is given to any compiler. Throws Error(kInternal) for a path that is
/// not there. Flattened once per process.
const msl::Source& load_shader(std::string_view path);

/// Paths of all embedded .metal files.
std::vector<std::string_view> list_shaders();

}  // namespace ingot
