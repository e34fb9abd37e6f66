// The doctor's look at GPUs and at the compilers of their kernels.
#pragma once

#include <vector>

#include "health/doctor.hpp"

namespace ingot::health {

/// softmetal with its compiler, metal, NVIDIA's driver, NVRTC and cuda.
std::vector<Check> check_gpus();

}  // namespace ingot::health
