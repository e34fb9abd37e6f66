// Reads one kernel function: its parameters, their bindings, its threadgroup variables.
#pragma once

#include <cstddef>
#include <string>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// The function that `declaration`, a kernel's definition, stands for. Function constants keep the
/// name as written. `ordinal` counts the threadgroup variables of the file. Throws Error (kCompile)
/// for parameters that Ingot cannot bind.
KernelFunction read_kernel_function(const Syntax& syntax,
                                    const Declaration& declaration,
                                    std::size_t& ordinal);

}  // namespace ingot::msl
