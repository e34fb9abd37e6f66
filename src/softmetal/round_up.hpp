// Sizes as multiples of an alignment.
#pragma once

#include <cstddef>

namespace softmetal {

/// Bytes of a page of Apple GPUs, which buffers and heaps are aligned to; a multiple of Linux's.
inline constexpr std::size_t kGpuPage = 16384;

/// The least multiple of `multiple`, which is not zero, that is not less than `value`.
constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace softmetal
