// Where in a shader the code at an address comes from, through the calls that were inlined.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// A place in the source, and the function that it is in.
struct Frame {
  std::string function;  // "scale(float*, unsigned int)"; empty when it is not known
  Place place;           // line 0 when it is not known
};

/// Where the code at an address comes from: the place of the instruction itself, then the calls of
/// the functions that were inlined around it, the innermost first. Empty when it is not the code of
/// a loaded kernel. A return address is behind the call that it belongs to: ask for one less. Where
/// the optimiser has left no line, it is that of the nearest instruction before from the same
/// function.
///
/// Reads a kernel's tables once. Allocates and locks: not for signal handlers, as all of these.
std::vector<Frame> frames_of(const void* code);

/// As frames_of(), but only what stands in the shader's source, not in Metal's library.
std::vector<Frame> shader_frames_of(const void* code);

/// The first place of shader_frames_of().
std::optional<Place> place_of(const void* code);

}  // namespace softmetal
