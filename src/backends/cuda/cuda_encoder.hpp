// Launching kernels.
#pragma once

#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/device.hpp"

namespace ingot::cuda {

/// An encoder whose dispatches start at once, in the order given; commit() marks the end.
/// `memory` gives room for bytes that a kernel takes by address.
std::unique_ptr<CommandEncoder> make_encoder(std::shared_ptr<const Context> context,
                                             BufferPool& memory);

}  // namespace ingot::cuda
