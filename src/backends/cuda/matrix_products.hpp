// Matrix products by cuBLASLt.
#pragma once

#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/matrix_provider.hpp"

namespace ingot::cuda {

/// cuBLASLt on this device, or why there is none. `memory` gives room for what it keeps aside
/// during a product; both outlive the provider.
MatrixLibrary open_cublaslt(std::shared_ptr<const Context> context, BufferPool& memory);

}  // namespace ingot::cuda
