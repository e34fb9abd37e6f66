// Finds the variables that a function body keeps in threadgroup memory.
#pragma once

#include <cstddef>
#include <vector>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// The statements of a function body that declare threadgroup variables. Throws Error (kCompile)
/// for a variable that is initialised, aligned or not declared in a statement of its own.
std::vector<ThreadgroupDeclaration> read_threadgroup_variables(const Syntax& syntax,
                                                               TokenRange body,
                                                               std::size_t& ordinal);

}  // namespace ingot::msl
