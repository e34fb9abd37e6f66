// Writes Metal text as CUDA C++ that NVRTC compiles against the CUDA backend's <metal_stdlib>.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "msl/translation.hpp"

namespace ingot::msl {

/// How an entry takes what is bound to a buffer index.
struct EntryParameter {
  std::uint32_t buffer = 0;
  bool by_value = false;  // its bytes; else its address
};

/// What is written for one kernel.
struct CudaTranslation {
  std::string text;
  std::string entry;  // the function that is launched, which has C linkage
  /// The entry's parameters behind the softmetal::Launch that is the first of all.
  std::vector<EntryParameter> parameters;
};

/// One specialisation of one kernel as CUDA C++, for NVRTC with --device-as-default-execution-space
/// and C++17. Parameters `constant T&` are passed by value but for the buffers of `in_memory`.
/// Throws Error (kCompile) as emit_host does.
CudaTranslation emit_cuda(const Translation& request,
                          const std::set<std::uint32_t>& in_memory = {});

}  // namespace ingot::msl
