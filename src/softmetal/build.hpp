// How a kernel is compiled.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace softmetal {

/// One of the shared objects that a kernel can be compiled into. The results are the same.
struct Build {
  bool never_blocks = false;  // the threads of a group as a plain loop, which may be vectorised
  bool checked = false;       // every access to memory calls the monitor
  bool coverage = false;      // every block of the shader's code counts how often it runs
  bool plain_copies = false;  // of a checked one: vectors are copied by trivial functions

  friend auto operator<=>(const Build&, const Build&) = default;
};

/// The compiler's flags for code of this build, which a precompiled shim shares.
std::vector<std::string> code_flags(const Build& build);

/// The flags that the shader's text is compiled with apart from that.
std::vector<std::string> kernel_flags(const Build& build);

}  // namespace softmetal
