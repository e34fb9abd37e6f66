// Writes Metal text as CUDA C++ that NVRTC compiles against the CUDA backend's <metal_stdlib>.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "msl/translation.hpp"

namespace ingot::msl {

/// What is written for one kernel.
struct CudaTranslation {
  std::string text;
  /// The entry's name, which has C linkage. Its parameters are a softmetal::Launch, then one for
  /// each of the kernel's buffers, in the order of its parameters: `constant T&` by value, all
  /// others as an address.
  std::string entry;
};

/// One specialisation of one kernel as CUDA C++, for NVRTC with --device-as-default-execution-space
/// and C++17. Parameters `constant T&` are passed by value but for the buffers of `in_memory`.
/// Throws Error (kCompile) as emit_host does.
CudaTranslation emit_cuda(const Translation& request,
                          const std::set<std::uint32_t>& in_memory = {});

}  // namespace ingot::msl
