#pragma once

#include "softmetal/serial_thread.hpp"

namespace softmetal {

/// Where libraries, functions and pipelines are made for programs that do not wait for them.
SerialThread& compile_thread();

/// Waits until it has nothing to do.
void wait_for_compile_thread();

}  // namespace softmetal
