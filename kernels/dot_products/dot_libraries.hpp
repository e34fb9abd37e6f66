// Which calls of DOT_BATCHED a library of matrix products serves.
#pragma once

#include <string>

#include "backends/device.hpp"
#include "runtime/call.hpp"

namespace ingot::kernels {

/// Who computes a call on a GPU.
struct DotServer {
  MatrixProvider* library = nullptr;  // null: the kernel
  MatrixProduct product = {};         // for the library
  std::string name = "kernel";        // with the reason where a library was meant to
};

/// By the policy of the device and INGOT_PROVIDERS. The outputs have memory.
DotServer dot_server(GpuDevice& device, const Call& call);

/// Whether the CPU twin cuts the call into tiles that the CPU's library multiplies.
bool is_cpu_product(const Call& call);

/// KernelRecord::served_by.
std::string dot_served_by(Device& device, const Call& call);

}  // namespace ingot::kernels
