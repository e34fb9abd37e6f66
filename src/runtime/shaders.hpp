// The shaders embedded in the library.
#pragma once

#include <optional>
#include <string_view>

#include "msl/source.hpp"

namespace ingot {

/// The embedded shader of that path below kernels/ ("reductions/reduce_sum.metal") with its
/// includes resolved, as it is given to any compiler. Throws Error(kInternal) for a path that is
/// not there. Flattened once per process.
const msl::Source& load_shader(std::string_view path);

/// Finds `#include "path"` among the embedded shaders: shared headers ("ingot/reduce.h") live in
/// kernels/include, a domain's own headers are named by their path. For msl::flatten.
std::optional<msl::Source> resolve_shader_include(std::string_view path, std::string_view from);

}  // namespace ingot
