// A source as tests and tools give it, read into a program.
#pragma once

#include <string>

#include "softmetal/include/softmetal/run.hpp"
#include "softmetal/program.hpp"

namespace softmetal {

/// What a program is read with.
Program::Options options_of(const Source& source);

/// Throws ingot::Error(kCompile) with file:line:column.
Program read_program(const Source& source);

/// Throws ingot::Error(kNotFound) that names what is nearest.
const ingot::msl::Kernel& find_kernel(const Program& program, const std::string& name);

/// The slot's name, or its index.
std::string to_string(const Slot& slot);

/// The constants' values as C++ literals. Throws ingot::Error(kNotFound) for one that the source
/// does not have: Metal ignores it, but it is a mistake.
Constants literals(const Program& program, const std::vector<Constant>& constants);

}  // namespace softmetal
