// Work that the driver has as a whole, and starts with one call.
#pragma once

#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/device.hpp"

namespace ingot::cuda {

/// What `encode` encodes as a CUDA graph. The memory that it uses is kept with it. Throws what
/// `encode` throws, Error(kOutOfMemory) and Error(kDevice).
std::unique_ptr<ReplayableWork> make_graph(const std::shared_ptr<const Context>& context,
                                           BufferPool& memory,
                                           const Encode& encode);

}  // namespace ingot::cuda
