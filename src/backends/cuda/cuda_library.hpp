// Compiled kernels, loaded into a context.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/cuda/context.hpp"
#include "backends/cuda/kernel_compiler.hpp"
#include "backends/device.hpp"

namespace ingot::cuda {

class CudaLibrary final : public Library {
 public:
  explicit CudaLibrary(msl::Source source)
      : source_(std::make_shared<KernelSource>(std::move(source))) {}
  const std::shared_ptr<KernelSource>& source() const { return source_; }

 private:
  std::shared_ptr<KernelSource> source_;
};

/// A function in a loaded module.
class LoadedKernel {
 public:
  LoadedKernel(std::shared_ptr<const Context> context, CompiledKernel kernel);
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel&) = delete;
  LoadedKernel& operator=(const LoadedKernel&) = delete;

  CUfunction function() const { return function_; }
  const std::vector<msl::EntryParameter>& parameters() const { return parameters_; }
  std::uint32_t max_threads() const { return max_threads_; }

  /// Lets a launch have that much dynamic shared memory. Throws Error(kInvalidArgument) where the
  /// device has less.
  void allow_shared_memory(size_t bytes) const;

 private:
  std::shared_ptr<const Context> context_;
  std::vector<msl::EntryParameter> parameters_;
  std::string name_;
  CUmodule module_ = nullptr;
  CUfunction function_ = nullptr;
  std::uint32_t max_threads_ = 0;
  size_t static_shared_bytes_ = 0;
  mutable std::mutex mutex_;
  mutable size_t allowed_bytes_ = 48 * 1024;  // what a launch may ask for unless told otherwise
};

/// Pipeline of this backend. Metal decides at each dispatch whether a `constant T&` is bound to
/// plain bytes or to a buffer; here they are two kernels, of which the second is made when a
/// dispatch first needs it.
class CudaPipeline final : public Pipeline {
 public:
  CudaPipeline(std::shared_ptr<const Context> context,
               std::shared_ptr<KernelSource> source,
               std::string function,
               std::vector<FunctionConstant> constants,
               std::shared_ptr<const DiskCache> cache);

  std::uint32_t max_threads_per_threadgroup() const override { return usual_->max_threads(); }

  /// The kernel for a dispatch that binds buffers at the indices whose bits are set, as far as it
  /// takes them by value otherwise.
  const LoadedKernel& variant(std::uint32_t in_memory) const;
  const LoadedKernel& usual() const { return *usual_; }
  const std::string& name() const { return function_; }

 private:
  std::unique_ptr<LoadedKernel> load(std::uint32_t in_memory) const;

  std::shared_ptr<const Context> context_;
  std::shared_ptr<KernelSource> source_;
  std::string function_;
  std::vector<FunctionConstant> constants_;
  std::shared_ptr<const DiskCache> cache_;  // may be null
  std::unique_ptr<LoadedKernel> usual_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint32_t, std::unique_ptr<LoadedKernel>> variants_;
};

}  // namespace ingot::cuda
