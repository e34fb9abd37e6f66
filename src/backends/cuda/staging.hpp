// Copies between pageable host memory and the device.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

#include "backends/cuda/context.hpp"

namespace ingot::cuda {

/// Copies through two blocks of pinned memory, of which one is filled or emptied by the host while
/// the other is on the bus. Both ways end when the copy has. Thread safe.
class Staging {
 public:
  explicit Staging(std::shared_ptr<const Context> context) : context_(std::move(context)) {}
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// In the order of the stream. Throws Error(kDevice) or Error(kOutOfMemory).
  void upload(CUdeviceptr to, const std::byte* from, size_t bytes);
  void download(std::byte* to, CUdeviceptr from, size_t bytes);

 private:
  struct Block {
    std::byte* memory = nullptr;
    CUevent copied = nullptr;  // the last copy from or to it
  };
  void prepare();
  void wait(const Block& block) const;

  std::shared_ptr<const Context> context_;
  std::mutex mutex_;
  std::array<Block, 2> blocks_;
};

}  // namespace ingot::cuda
