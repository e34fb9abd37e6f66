#include "runtime/context.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot {

Dispatch::Dispatch(CommandEncoder& encoder, std::shared_ptr<Pipeline> pipeline)
    : encoder_(encoder), pipeline_(std::move(pipeline)) {
  encoder_.set_pipeline(*pipeline_);
}

Dispatch& Dispatch::bind(const Tensor& tensor) {
  return bind(tensor.buffer(), tensor.byte_offset());
}

Dispatch& Dispatch::bind(const Buffer& buffer, size_t byte_offset) {
  encoder_.set_buffer(next_buffer_++, buffer, byte_offset);
  return *this;
}

Dispatch& Dispatch::threadgroup_memory(size_t bytes) {
  encoder_.set_threadgroup_memory(next_threadgroup_++, bytes);
  return *this;
}

uint32_t Dispatch::group_size(uint32_t wanted) const {
  constexpr uint32_t kSimdWidth = 32;
  const uint32_t most = std::min(wanted, pipeline_->max_threads_per_threadgroup());
  return std::max(kSimdWidth, most / kSimdWidth * kSimdWidth);
}

void Dispatch::threads(Grid grid, Grid group) {
  encoder_.dispatch_threads(grid, group);
}

void Dispatch::threadgroups(Grid grid, Grid group) {
  encoder_.dispatch_threadgroups(grid, group);
}

uint32_t GpuContext::checked_count(uint64_t count, std::string_view what) const {
  constexpr uint64_t kMost = (uint64_t{1} << 32) - (1 << 16);
  if (count > kMost) {
    throw Error(
        ErrorCode::kUnsupported,
        std::string(kernel_),
        fmt::format("{} {} are more than the {} that it counts on a GPU", count, what, kMost),
        "split the data, or use the cpu device");
  }
  return static_cast<uint32_t>(count);
}

}  // namespace ingot
