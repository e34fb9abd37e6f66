// From a Metal kernel to machine code for a GPU, with a memory on disk.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backends/device.hpp"
#include "core/disk_cache.hpp"
#include "msl/cuda_emitter.hpp"
#include "msl/module.hpp"
#include "msl/source.hpp"

namespace ingot::cuda {

/// A kernel as the driver takes it.
struct CompiledKernel {
  std::string entry;  // the function's name
  std::vector<msl::EntryParameter> parameters;
  std::string image;  // a cubin, or PTX that the driver compiles
};

/// A Metal source that kernels are compiled from. It is read when the first of them is not in the
/// cache. Thread safe.
class KernelSource {
 public:
  explicit KernelSource(msl::Source source) : source_(std::move(source)) {}

  /// The kernel `function` for these values of function constants. Arguments `constant T&` are
  /// passed by value but for the buffers of `in_memory`. Taken from what was compiled when Ingot
  /// was built, else from the cache, if there is one, where `driver` is part of the key; a cache
  /// that cannot be written costs only time. Throws Error(kNotFound) for
  /// a kernel that the source has not, Error(kCompile) with diagnostics, Error(kNotFound or
  /// kUnsupported) where NVRTC is missing or too old.
  CompiledKernel compile(std::string_view function,
                         const std::vector<FunctionConstant>& constants,
                         const std::set<std::uint32_t>& in_memory,
                         int architecture,
                         std::optional<int> driver,
                         const DiskCache* cache);

 private:
  const msl::Module& module();

  const msl::Source source_;
  std::mutex mutex_;  // guards what follows
  std::optional<msl::Module> module_;
};

}  // namespace ingot::cuda
