// Vector swizzles (`v.yzx`) that host compilers need help with.
#pragma once

#include <cstddef>
#include <vector>

#include "msl/module.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

/// The tokens of swizzles that are read inside of templates. clang (19) finds no operator of the
/// program for `a.yzx * b.zxy` when both are properties and their types depend on a template
/// parameter. Names that the source also gives to members or variables of its own are left out.
std::vector<std::size_t> swizzles_read_in_templates(const Module& module, const Syntax& syntax);

}  // namespace ingot::msl
