// What a kernel's code is given to work with: on a GPU, a way to put dispatches; on a CPU, scratch
// memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ingot/tensor.hpp"

#include "backends/device.hpp"
#include "runtime/stream.hpp"

namespace ingot {

/// One dispatch being put together. Arguments are bound in the order of the shader's [[buffer(n)]]
/// indices, from 0.
class Dispatch {
 public:
  Dispatch(CommandEncoder& encoder, std::shared_ptr<Pipeline> pipeline);

  Dispatch& bind(const Tensor& tensor);
  Dispatch& bind(const Buffer& buffer, size_t byte_offset = 0);
  /// A value, copied: `constant T&` in the shader.
  template <class T>
    requires(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>)
  Dispatch& value(const T& data) {
    encoder_.set_bytes(next_buffer_++, &data, sizeof(T));
    return *this;
  }
  /// Leaves out an argument that a function constant disables.
  Dispatch& skip() {
    ++next_buffer_;
    return *this;
  }
  /// Memory for the next [[threadgroup(n)]] argument.
  Dispatch& threadgroup_memory(size_t bytes);

  /// The greatest multiple of the SIMD width that is at most `wanted` and that this kernel can run.
  uint32_t group_size(uint32_t wanted) const;

  void threads(Grid grid, Grid group);
  void threadgroups(Grid grid, Grid group);

 private:
  CommandEncoder& encoder_;
  std::shared_ptr<Pipeline> pipeline_;
  uint32_t next_buffer_ = 0;
  uint32_t next_threadgroup_ = 0;
};

/// For KernelRecord::launch.
class GpuContext {
 public:
  GpuContext(Stream& stream, CommandEncoder& encoder, std::string_view kernel)
      : stream_(stream), encoder_(encoder), kernel_(kernel) {}

  GpuDevice& device() const { return *stream_.device().gpu(); }
  const DeviceInfo& info() const { return stream_.device().info(); }
  /// Memory of the device that lives until the work is done.
  Buffer scratch(size_t bytes) const { return stream_.device().allocate(bytes); }
  /// Begins a dispatch of `function` from the embedded shader at `shader`
  /// ("reductions/reduce_sum.metal").
  Dispatch kernel(std::string_view shader,
                  std::string_view function,
                  const std::vector<FunctionConstant>& constants = {}) const {
    return {encoder_, stream_.pipeline(shader, function, constants)};
  }
  /// A size as shaders count it: they find rows with 64 bits, and number rows, the elements of one
  /// and threads with 32. `what` names it in the plural ("rows"). Throws Error(kUnsupported) above
  /// 2^32 - 2^16, which leaves room to step past the end.
  template <class T>
    requires std::is_integral_v<T>
  uint32_t count32(T count, std::string_view what) const {
    return checked_count(static_cast<uint64_t>(count), what);
  }
  /// Leaves a product to a library of this device that serves it.
  void multiply(MatrixProvider& provider, const MatrixProduct& product) const {
    provider.encode(encoder_, product);
  }

 private:
  uint32_t checked_count(uint64_t count, std::string_view what) const;

  Stream& stream_;
  CommandEncoder& encoder_;
  std::string_view kernel_;  // its id, for messages
};

/// For KernelRecord::cpu.
class CpuContext {
 public:
  explicit CpuContext(Device& device) : device_(device) {}

  /// Uninitialised memory from the device's pool, freed with the handle. Use `host()`.
  Buffer scratch(size_t bytes) const { return device_.allocate(bytes); }

 private:
  Device& device_;
};

/// Smallest number of groups of `size` that cover `count`.
constexpr uint64_t ceil_div(uint64_t count, uint64_t size) {
  return (count + size - 1) / size;
}

}  // namespace ingot
