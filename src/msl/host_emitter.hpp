// Writes Metal text as C++ that clang compiles against softmetal's <metal_stdlib>.
#pragma once

#include <string>

#include "msl/translation.hpp"

namespace ingot::msl {

/// One specialisation of one kernel as a C++ text. Every token keeps its file and line, and its
/// column unless a longer replacement stands before it on the line. The text ends with
/// `SOFTMETAL_ENTRY((callable), binding, ...)`, which softmetal/entry.h defines.
/// Throws Error (kCompile) for a function constant that the kernel uses and that has no value, and
/// for overloads that only address spaces tell apart but whose bodies differ.
std::string emit_host(const Translation& request);

}  // namespace ingot::msl
