// Recording dispatches into a command buffer.
#pragma once

#include <Metal/Metal.hpp>
#include <memory>

#include "backends/device.hpp"

namespace ingot::metal {

std::unique_ptr<CommandEncoder> make_encoder(MTL::CommandQueue* queue);

}  // namespace ingot::metal
