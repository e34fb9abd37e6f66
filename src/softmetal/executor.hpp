// Runs a compiled kernel over a grid, on all cores.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// Bytes of threadgroup memory that a group may use, variables and arguments together.
constexpr std::size_t kThreadgroupMemoryLimit = 32 * 1024;

/// Where the threadgroup variables and arguments of a kernel lie in the memory of a group.
class ThreadgroupLayout {
 public:
  static constexpr std::size_t kAlignment = 16;

  ThreadgroupLayout() = default;

  /// Places the variables that a kernel lists.
  explicit ThreadgroupLayout(const Entry& entry);

  /// Adds an argument of so many bytes behind the variables and gives its offset.
  std::size_t add(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }
  std::size_t offset(unsigned variable) const { return offsets_[variable]; }

 private:
  std::vector<std::size_t> offsets_;
  std::size_t bytes_ = 0;
};

class Observer;

struct Dispatch {
  std::string kernel;  // its name, for findings
  const Entry* entry = nullptr;
  bool never_blocks = false;  // compiled as a plain loop
  Extent threads_per_grid{};
  Extent threadgroups_per_grid{};
  Extent threads_per_threadgroup{};
  std::array<void*, kMaxBindings> buffers{};
  std::array<std::optional<std::size_t>, kMaxBindings> threadgroup_arguments{};  // offsets
  ThreadgroupLayout layout;
  Options options;               // in force when the build was chosen
  Observer* observer = nullptr;  // of a check
};

/// Runs every thread of the grid and returns what went wrong, or "". Groups run on all cores in no
/// particular order; with checks or a schedule they run one after the other on the calling thread.
/// After a failure the remaining ones may not run.
std::string execute(const Dispatch& dispatch);

/// What kernels call back; handed to Entry::set_runtime.
const Runtime& runtime();

}  // namespace softmetal
