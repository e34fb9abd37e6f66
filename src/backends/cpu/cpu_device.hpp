// The CPU as a device: host memory and the description of the processor.
#pragma once

#include <memory>

#include "backends/device.hpp"

namespace ingot::cpu {

std::unique_ptr<Device> make_cpu_device();

}  // namespace ingot::cpu
