// What is told of a kernel's arguments.
#pragma once

#include <span>
#include <vector>

#include "softmetal/argument_info.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {

/// The buffers and the threadgroup memory of a function, in the order of its parameters. Compiles
/// the function; throws ingot::Error(kCompile).
std::vector<ArgumentInfo> arguments_of(const FunctionObject& function);

/// The caller owns what these make.
MTL::ComputePipelineReflection* new_reflection(std::span<const ArgumentInfo> arguments);
MTL::Argument* new_argument(const ArgumentInfo& info);

const ArgumentInfo& info_of(const MTL::BufferBinding* binding);

}  // namespace softmetal
