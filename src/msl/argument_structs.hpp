// Structs of an argument buffer: those with [[id(n)]] members or with pointers into device memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "msl/constant_expression.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

/// The members of every such struct, by its qualified name, in the order of the text. The attribute
/// lists that were understood are added to `handled`. Throws Error (kCompile) for an id without a
/// value.
std::map<std::string, std::vector<ArgumentMember>> read_argument_structs(
    const Syntax& syntax,
    const std::vector<Declaration>& declarations,
    const ConstantEvaluator& constants,
    std::vector<TokenRange>& handled);

}  // namespace ingot::msl
