// Writes Metal text as C++ for OpenCL, in which clang checks address spaces.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "msl/module.hpp"

namespace ingot::msl {

/// A module in clang's OpenCL dialect. `device` and `constant` become address spaces without a
/// conversion from one to the other, both convert to the dialect's generic one, and what Metal
/// leaves without an address space is generic. The lines are those of the module's text, with line
/// markers blanked: the compiler's places are places in this text.
struct StrictText {
  std::string text;
  std::vector<std::size_t> lines;    // where each line of `text` starts
  std::vector<std::size_t> offsets;  // of the module's tokens in `text`

  /// Names declared as `const thread T&`. They are generic in this text, since the dialect lets no
  /// temporary object be thread; Metal's default for them is kept in this set.
  std::set<std::size_t> thread_references;

  /// Member functions for objects in device memory. The dialect has no word for that behind a
  /// function: in these their object is taken to be in constant memory.
  std::vector<TokenRange> device_methods;

  /// The token at a place, both counted from 1, or the last one before it.
  std::size_t token_at(std::size_t line, std::size_t column) const;
};

/// Explicit instantiations of kernels stay, so that the compiler checks every instance. The sizes
/// of a kernel's threadgroup variables become enumerators whose names start with kBytesPrefix.
StrictText emit_strict(const Module& module);

inline constexpr std::string_view kBytesPrefix = "softmetal_bytes_";

}  // namespace ingot::msl
