// Writes Metal text as C++ that clang compiles against softmetal's <metal_stdlib>.
#pragma once

#include <map>
#include <string>

#include "msl/module.hpp"

namespace ingot::msl {

struct HostRequest {
  const Module* module = nullptr;
  /// The entry point to write a call for; nullptr only checks the syntax.
  const Kernel* kernel = nullptr;
  /// C++ literals of the function constants, by index ("3") or name; the index is looked up first.
  /// As in Metal, values that the source has no constant for are ignored.
  std::map<std::string, std::string> constants;
};

/// One specialisation of one kernel as a C++ text. Every token keeps its file and line, and its
/// column unless a longer replacement stands before it on the line. The text ends with
/// `SOFTMETAL_ENTRY((callable), binding, ...)`, which softmetal/entry.h defines.
/// Throws Error (kCompile) for a function constant that the kernel uses and that has no value, and
/// for overloads that only address spaces tell apart but whose bodies differ.
std::string emit_host(const HostRequest& request);

}  // namespace ingot::msl
