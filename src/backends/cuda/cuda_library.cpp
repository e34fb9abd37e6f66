#include "backends/cuda/cuda_library.hpp"

#include <bit>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "ingot/error.hpp"

namespace ingot::cuda {

LoadedKernel::LoadedKernel(std::shared_ptr<const Context> context, CompiledKernel kernel)
    : context_(std::move(context)),
      parameters_(std::move(kernel.parameters)),
      name_(std::move(kernel.entry)) {
  const Context::Scope scope(*context_);
  const Driver& driver = context_->driver();
  context_->check(driver.module_load(&module_, kernel.image.data()), "loading " + name_);
  context_->check(driver.module_function(&function_, module_, name_.c_str()), "finding " + name_);
  const auto attribute = [&](CUfunction_attribute which) {
    int value = 0;
    context_->check(driver.function_attribute(&value, which, function_), "looking at " + name_);
    return value;
  };
  max_threads_ = static_cast<std::uint32_t>(attribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
  static_shared_bytes_ = static_cast<size_t>(attribute(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES));
}

LoadedKernel::~LoadedKernel() {
  const Context::Scope scope(*context_);
  context_->driver().module_unload(module_);
}

void LoadedKernel::allow_shared_memory(size_t bytes) const {
  const std::lock_guard lock(mutex_);
  if (bytes <= allowed_bytes_) {
    return;
  }
  const auto most = static_cast<size_t>(
      context_->attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
  if (bytes + static_shared_bytes_ > most) {
    throw Error(ErrorCode::kInvalidArgument,
                name_,
                fmt::format("{} bytes of threadgroup memory are asked for; the device has {} for a "
                            "threadgroup, and the kernel's own variables take {}",
                            bytes,
                            most,
                            static_shared_bytes_));
  }
  context_->check(
      context_->driver().set_function_attribute(
          function_, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(bytes)),
      "allowing threadgroup memory");
  allowed_bytes_ = bytes;
}

CudaPipeline::CudaPipeline(std::shared_ptr<const Context> context,
                           std::shared_ptr<KernelSource> source,
                           std::string function,
                           std::vector<FunctionConstant> constants,
                           std::shared_ptr<const DiskCache> cache)
    : context_(std::move(context)),
      source_(std::move(source)),
      function_(std::move(function)),
      constants_(std::move(constants)),
      cache_(std::move(cache)),
      usual_(load(0)) {}

const LoadedKernel& CudaPipeline::variant(std::uint32_t in_memory) const {
  if (in_memory == 0) {
    return *usual_;
  }
  const std::lock_guard lock(mutex_);
  std::unique_ptr<LoadedKernel>& kernel = variants_[in_memory];
  if (kernel == nullptr) {
    kernel = load(in_memory);
  }
  return *kernel;
}

std::unique_ptr<LoadedKernel> CudaPipeline::load(std::uint32_t in_memory) const {
  std::set<std::uint32_t> indices;
  for (std::uint32_t left = in_memory; left != 0; left &= left - 1) {
    indices.insert(static_cast<std::uint32_t>(std::countr_zero(left)));
  }
  return std::make_unique<LoadedKernel>(context_,
                                        source_->compile(function_,
                                                         constants_,
                                                         indices,
                                                         context_->architecture(),
                                                         context_->driver().version,
                                                         cache_.get()));
}

}  // namespace ingot::cuda
