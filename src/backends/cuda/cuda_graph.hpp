// Work that the driver has as a whole, and starts with one call.
#pragma once

#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/device.hpp"

namespace ingot::cuda {

/// A pool for the scratch memory of a graph. What it takes from `source` stays with it until it
/// ends, and is reused by who takes from it: the kernels of a graph run one after the other.
std::unique_ptr<BufferPool> make_reserve(BufferPool& source);

/// What `encode` encodes as a CUDA graph, which keeps `encode` and `reserve`. Throws what `encode`
/// throws, Error(kOutOfMemory) and Error(kDevice).
std::unique_ptr<ReplayableWork> make_graph(const std::shared_ptr<const Context>& context,
                                           std::unique_ptr<BufferPool> reserve,
                                           Encode encode);

}  // namespace ingot::cuda
