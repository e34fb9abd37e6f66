// Running a kernel of one's own, written in the Metal Shading Language.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "ingot/tensor.hpp"

namespace ingot {

/// The source and the entry point in it. `#include "ingot/….h"` finds Ingot's own shader headers.
struct MslKernel {
  std::string source;
  std::string function;
  std::string name = "kernel.metal";  // as diagnostics show it
};

/// A buffer that the kernel writes. It starts as a copy of `initial` where one is given (read-write
/// buffers), else uninitialised.
struct MslOutput {
  DType dtype;
  Shape shape;
  Tensor initial = {};
};

/// An argument of [[buffer(n)]]: a tensor to read, a buffer to write, or a plain value for
/// `constant T&`.
using MslArgument = std::variant<Tensor, MslOutput, float, int32_t, uint32_t>;

struct MslGrid {
  std::array<uint64_t, 3>
      threads;  // exactly this many run; threadgroups at the edges may be smaller
  std::array<uint64_t, 3> threads_per_threadgroup;
  /// Bytes of each [[threadgroup(n)]] argument, in order.
  std::vector<size_t> threadgroup_memory = {};
};

/// Puts the kernel on the backend's device; arguments are bound to buffers 0, 1, ... in their
/// order. Returns the outputs in the order of their MslOutput arguments. Compiled once per backend.
/// Throws Error(kUnsupported) on a backend without MSL (cpu), Error(kCompile) with file:line:column
/// for a source that is rejected, Error(kNotFound) for an unknown function, Error(kInvalidArgument)
/// for a tensor of another backend or a threadgroup above the kernel's limit. A failure while
/// running is reported when an output is read.
std::vector<Tensor> run_msl(const Backend& backend,
                            const MslKernel& kernel,
                            const std::vector<MslArgument>& arguments,
                            const MslGrid& grid);

}  // namespace ingot
