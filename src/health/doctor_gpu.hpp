// The doctor's look at GPUs and at the compilers of their kernels.
#pragma once

#include <vector>

#include "ingot/device_info.hpp"

#include "health/doctor.hpp"

namespace ingot::health {

/// The family of a Metal device and its tensor units: whether it has them, and whether they are
/// used. nullptr: there is no Metal device.
std::vector<Check> check_family(const DeviceInfo* metal);

/// softmetal with its compiler, metal with its family, NVIDIA's driver, NVRTC,
/// cuBLASLt and cuda.
std::vector<Check> check_gpus();

}  // namespace ingot::health
