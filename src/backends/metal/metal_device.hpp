// Apple GPUs, through metal-cpp. On Linux the same source is built on softmetal, which offers the
// same classes.
#pragma once

#include <memory>

#include "backends/device.hpp"

namespace ingot::metal {

/// The system's default Metal device. Throws Error(kNotFound) when there is none.
std::unique_ptr<Device> make_metal_device();

}  // namespace ingot::metal
