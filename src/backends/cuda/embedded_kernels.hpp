// Kernels compiled when Ingot was built (cmake -DINGOT_CUDA_ARCHS="90;100").
#pragma once

#include <optional>
#include <string_view>

namespace ingot::cuda {

/// The compiled kernel of that key, as the cache on disk holds it; nothing where there is none.
std::optional<std::string_view> embedded_kernel(std::string_view key);

/// Whether the catalogue was compiled for that architecture (90 for compute capability 9.0).
bool has_embedded_kernels(int architecture);

}  // namespace ingot::cuda
