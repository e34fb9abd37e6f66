// The declarations of a C++ text, found by their outline; expressions are not understood.
#pragma once

#include <vector>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// Functions, variables, types and explicit instantiations of program and class scope, in the order
/// of the text. A class comes before its members. Throws Error (kCompile) for a declaration that
/// does not end.
std::vector<Declaration> read_declarations(const Syntax& syntax);

}  // namespace ingot::msl
