// Vector swizzles (`v.yzx`) that C++ compilers need help with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "msl/module.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

/// The tokens of swizzles that are read inside of templates. clang (19) finds no operator of the
/// program for `a.yzx * b.zxy` when both are properties and their types depend on a template
/// parameter. Names that the source also gives to members or variables of its own are left out.
std::vector<std::size_t> swizzles_read_in_templates(const Module& module, const Syntax& syntax);

struct Swizzle {
  std::size_t token = 0;
  std::string components;  // by xyzw
  bool is_assigned = false;
};

/// All swizzles of two to four components. Names that the source gives to members of its own types
/// are taken for those.
std::vector<Swizzle> all_swizzles(const Module& module, const Syntax& syntax);

}  // namespace ingot::msl
