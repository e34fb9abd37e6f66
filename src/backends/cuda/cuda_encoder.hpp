// Launching kernels.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "backends/cuda/context.hpp"
#include "backends/device.hpp"

namespace ingot::cuda {

/// What an encoder of this backend offers to NVIDIA's libraries.
class StreamEncoder : public CommandEncoder {
 public:
  /// Calls `work` with the stream that it is to enqueue on, and with memory for the work alone; the
  /// context is the calling thread's. An Error is the event's to tell.
  virtual void enqueue(size_t scratch_bytes,
                       const std::function<void(CUstream, CUdeviceptr scratch)>& work) = 0;
};

/// An encoder whose dispatches start at once, in the order given; commit() marks the end.
/// `memory` gives room for bytes that a kernel takes by address.
std::unique_ptr<CommandEncoder> make_encoder(std::shared_ptr<const Context> context,
                                             BufferPool& memory);

/// An encoder whose dispatches go to `stream`, which is capturing. The bytes that kernels take by
/// address, which are written once, are added to `kept`. commit() gives an event that is complete,
/// or failed.
std::unique_ptr<CommandEncoder> make_capturing_encoder(std::shared_ptr<const Context> context,
                                                       BufferPool& memory,
                                                       CUstream stream,
                                                       std::vector<Buffer>& kept);

}  // namespace ingot::cuda
