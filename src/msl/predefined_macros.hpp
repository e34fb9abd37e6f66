// Macros that Metal's compiler predefines.
#pragma once

#include <string>
#include <vector>

namespace ingot::msl {

/// "NAME=value" of each, for a version of the language such as 310 (3.1) and a GPU that has all
/// that Ingot runs. `coherent(scope)` is among them, as all memory is here.
std::vector<std::string> predefined_macros(unsigned metal_version);

}  // namespace ingot::msl
