#pragma once

#include <functional>

#include "Metal/MTLTypes.hpp"

/// Seconds, on the clock of CommandBuffer's times.
using CFTimeInterval = double;

namespace MTL {

class BlitCommandEncoder;
class CommandBuffer;
class CommandQueue;
class ComputeCommandEncoder;
class Device;
class Event;

enum CommandBufferStatus : NS::UInteger {
  CommandBufferStatusNotEnqueued = 0,
  CommandBufferStatusEnqueued = 1,
  CommandBufferStatusCommitted = 2,
  CommandBufferStatusScheduled = 3,
  CommandBufferStatusCompleted = 4,
  CommandBufferStatusError = 5,
};
enum CommandBufferError : NS::UInteger {
  CommandBufferErrorNone = 0,
  CommandBufferErrorInternal = 1,
  CommandBufferErrorTimeout = 2,
  CommandBufferErrorPageFault = 3,
  CommandBufferErrorOutOfMemory = 8,
  CommandBufferErrorInvalidResource = 9,
};
enum DispatchType : NS::UInteger {
  DispatchTypeSerial = 0,
  DispatchTypeConcurrent = 1,
};

using HandlerFunction = std::function<void(CommandBuffer*)>;

/// Work for a queue. After commit() it runs on the queue's own thread, in the order of the commits.
class CommandBuffer : public NS::Referencing<CommandBuffer> {
 public:
  Device* device() const;
  CommandQueue* commandQueue() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);

  ComputeCommandEncoder* computeCommandEncoder();
  ComputeCommandEncoder* computeCommandEncoder(MTL::DispatchType dispatchType);
  BlitCommandEncoder* blitCommandEncoder();
  void encodeSignalEvent(const MTL::Event* event, uint64_t value);
  void encodeWait(const MTL::Event* event, uint64_t value);

  /// Called on the queue's thread once the buffer is done, before waitUntilCompleted() returns.
  void addCompletedHandler(const MTL::HandlerFunction& function);
  void addScheduledHandler(const MTL::HandlerFunction& function);

  void enqueue();
  void commit();
  void waitUntilScheduled();
  void waitUntilCompleted();

  CommandBufferStatus status() const;
  /// What went wrong, once the status is CommandBufferStatusError; else nullptr.
  NS::Error* error() const;
  CFTimeInterval GPUStartTime() const;
  CFTimeInterval GPUEndTime() const;
  CFTimeInterval kernelStartTime() const { return GPUStartTime(); }
  CFTimeInterval kernelEndTime() const { return GPUEndTime(); }
};

}  // namespace MTL
