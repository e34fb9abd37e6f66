// The words of Metal that a program may not use, or not as names.
#pragma once

#include <vector>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// Throws Error (kCompile) for the first use of a type or keyword that Ingot has no counterpart
/// for, and for a keyword of Metal that is used as a name.
void check_vocabulary(const Syntax& syntax, const std::vector<Declaration>& declarations);

}  // namespace ingot::msl
