// Reads one kernel function: its parameters, their bindings, its threadgroup variables.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// The function that `declaration`, a kernel's definition, stands for. Function constants keep the
/// name as written. `ordinal` counts the threadgroup variables of the file. Throws Error (kCompile)
/// for parameters that Ingot cannot bind.
KernelFunction read_kernel_function(const Syntax& syntax,
                                    const Declaration& declaration,
                                    std::size_t& ordinal);

/// The statements of a function body that declare threadgroup variables. Throws Error (kCompile)
/// for a variable that is initialised, aligned or not declared in a statement of its own.
std::vector<ThreadgroupDeclaration> read_threadgroup_variables(const Syntax& syntax,
                                                               TokenRange body,
                                                               std::size_t& ordinal);

}  // namespace ingot::msl
