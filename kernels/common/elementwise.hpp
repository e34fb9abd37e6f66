// Launch code shared by the elementwise kernels.
#pragma once

#include <string_view>

#include "runtime/call.hpp"
#include "runtime/context.hpp"

namespace ingot::kernels {

/// Puts one dispatch with y = out("y") over in("x"): buffers 0 and 1, the count in buffer 2.
void launch_unary(GpuContext& gpu,
                  const Call& call,
                  std::string_view shader,
                  std::string_view function);

}  // namespace ingot::kernels
