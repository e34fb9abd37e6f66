// NVIDIA GPUs, through the CUDA driver and NVRTC, both opened at run time.
#pragma once

#include <memory>

#include "backends/device.hpp"

namespace ingot::cuda {

/// The device with this number, as CUDA counts those that CUDA_VISIBLE_DEVICES shows. Throws
/// Error(kNotFound) when there is no driver or no such device, Error(kUnsupported) for an old
/// driver, Error(kDevice) and Error(kOutOfMemory) when the device does not start.
std::unique_ptr<Device> make_cuda_device(int ordinal);

/// At least one. Throws as make_cuda_device.
int count_cuda_devices();

}  // namespace ingot::cuda
