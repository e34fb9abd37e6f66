// Matrix products by cuBLASLt.
#pragma once

#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/matrix_provider.hpp"

namespace ingot::cuda {

/// cuBLASLt on this device, or why there is none.
MatrixLibrary open_cublaslt(std::shared_ptr<const Context> context);

}  // namespace ingot::cuda
