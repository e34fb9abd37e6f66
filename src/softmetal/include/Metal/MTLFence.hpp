#pragma once

#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

/// Orders the work of encoders of one queue.
class Fence : public softmetal::DeviceObject<Fence> {};

}  // namespace MTL
