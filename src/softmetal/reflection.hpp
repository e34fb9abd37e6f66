// What a pipeline tells of its kernel's arguments.
#pragma once

#include "softmetal/objects.hpp"

namespace softmetal {

/// The caller owns it.
MTL::ComputePipelineReflection* new_reflection(const PipelineObject& pipeline,
                                               const ingot::msl::Module& module);

}  // namespace softmetal
