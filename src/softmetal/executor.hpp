// Runs a compiled kernel over a grid, on all cores.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "softmetal/failure.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// Where the threadgroup variables and arguments of a kernel lie in the memory of a group.
class ThreadgroupLayout {
 public:
  static constexpr std::size_t kAlignment = 16;

  /// A variable or an argument.
  struct Piece {
    bool is_argument = false;
    unsigned index = 0;
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::size_t element_bytes = 1;
  };

  ThreadgroupLayout() = default;

  /// Places the variables that a kernel lists, with so many unused bytes behind each piece: an
  /// index that is a little too large should not reach the next one.
  explicit ThreadgroupLayout(const Entry& entry, std::size_t gap = 0);

  /// Adds an argument behind the variables and gives its offset.
  std::size_t add_argument(unsigned index, std::size_t bytes);

  /// What the kernel uses.
  std::size_t used_bytes() const { return used_bytes_; }
  /// From the first piece to the end of the last.
  std::size_t bytes() const { return bytes_; }
  /// Of the variables, by index.
  const std::size_t* offsets() const { return offsets_.data(); }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::size_t place(Piece piece);

  std::size_t gap_ = 0;
  std::vector<std::size_t> offsets_;
  std::vector<Piece> pieces_;
  std::size_t used_bytes_ = 0;
  std::size_t bytes_ = 0;
};

class Observer;
struct Region;
class Executable;
struct Specialisation;

/// An argument in memory, for those who watch a dispatch.
struct BoundBuffer {
  unsigned parameter = 0;  // index into the kernel's parameters
  std::shared_ptr<Region> region;
  std::size_t offset = 0;  // of the argument in the region
  std::string label;
};

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

  // For checks and reports.
  const Executable* executable = nullptr;
  const Specialisation* specialisation = nullptr;
  std::vector<BoundBuffer> bound;
  std::uint64_t window = 0;      // nothing orders it and others with this number; 0: alone
  bool uses_resources = false;   // buffers that are not bound may be reached, too
  Options options;               // in force when the build was chosen
  Observer* observer = nullptr;  // of a check
};

/// Runs every thread of the grid and returns what went wrong, if anything. Groups run on all cores
/// in no particular order; with checks or a schedule they run one after the other on the calling
/// thread. After a failure the remaining ones may not run.
Failure execute(const Dispatch& dispatch);

/// What kernels call back; handed to Entry::set_runtime.
const Runtime& runtime();

}  // namespace softmetal
