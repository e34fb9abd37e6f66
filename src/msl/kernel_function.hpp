// Reads one kernel function: its parameters, their bindings, its threadgroup variables.
#pragma once

#include <cstddef>
#include <string>

#include "msl/constant_expression.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

/// The function that `declaration`, a kernel's definition, stands for. Function constants keep the
/// name as written. `arguments` are those of an instantiation, empty for the template itself.
/// `ordinal` counts the threadgroup variables of the file. Throws Error (kCompile) for parameters
/// that Ingot cannot bind.
KernelFunction read_kernel_function(const Syntax& syntax,
                                    const Declaration& declaration,
                                    const ConstantEvaluator& constants,
                                    const TemplateArguments& arguments,
                                    std::size_t& ordinal);

/// Whether the keyword `kernel` stands in `range`, outside of attributes.
bool has_kernel_word(const Syntax& syntax, TokenRange range);

}  // namespace ingot::msl
