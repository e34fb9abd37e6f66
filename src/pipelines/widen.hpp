// f16 to f32 on the host.
#pragma once

#include <cstddef>

#include "ingot/dtype.hpp"

namespace ingot {

/// y[i] = x[i], on the calling thread, by the processor's instructions where it has them: a plain
/// cast is a function call on a baseline x86.
void widen(const float16* x, float* y, size_t count);

}  // namespace ingot
