// The C preprocessor for Metal sources, which on this backend no compiler of Metal runs.
#pragma once

#include <string>

#include "msl/source.hpp"

namespace ingot::cuda {

/// The source with its directives carried out, as Metal's compiler would, and `#line` markers for
/// the places of what is left. `#include <...>` is left out: what Metal's headers declare is always
/// there. `#include "..."` must have been resolved (msl::flatten). Throws Error(kCompile,
/// "file:line:column").
std::string preprocess(const msl::Source& source);

}  // namespace ingot::cuda
