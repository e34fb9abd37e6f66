// When CPU twins write past the caches.
#pragma once

#include <cstddef>

#include "ingot/tensor.hpp"

namespace ingot::kernels {

/// Outputs of this size do not stay in the caches. Writing them past the caches (stream-inl.h)
/// spares reading each line before it is overwritten: on a 2-core Zen 5, adding 40M f32 took 21 ms
/// instead of 28, and transposing 3000^2 f32 1.0 ms instead of 1.9.
inline constexpr size_t kStreamBytes = size_t{32} << 20;

inline bool exceeds_caches(const Tensor& output) {
  return output.bytes() >= kStreamBytes;
}

}  // namespace ingot::kernels
