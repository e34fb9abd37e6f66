#pragma once

#include <functional>

#include "Foundation/NSBlock.hpp"
#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLTypes.hpp"

/// Seconds, on the clock of CommandBuffer's times.
typedef double CFTimeInterval;

namespace MTL {

class BlitCommandEncoder;
class BlitPassDescriptor;
class CommandBuffer;
class CommandQueue;
class ComputeCommandEncoder;
class ComputePassDescriptor;
class Event;
class LogContainer;
class ResidencySet;

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
  CommandBufferErrorBlacklisted = 4,
  CommandBufferErrorAccessRevoked = 4,
  CommandBufferErrorNotPermitted = 7,
  CommandBufferErrorOutOfMemory = 8,
  CommandBufferErrorInvalidResource = 9,
  CommandBufferErrorMemoryless = 10,
  CommandBufferErrorDeviceRemoved = 11,
  CommandBufferErrorStackOverflow = 12,
};
enum CommandEncoderErrorState : NS::Integer {
  CommandEncoderErrorStateUnknown = 0,
  CommandEncoderErrorStateCompleted = 1,
  CommandEncoderErrorStateAffected = 2,
  CommandEncoderErrorStatePending = 3,
  CommandEncoderErrorStateFaulted = 4,
};
enum DispatchType : NS::UInteger {
  DispatchTypeSerial = 0,
  DispatchTypeConcurrent = 1,
};

using CommandBufferErrorOption = NS::UInteger;
enum : NS::UInteger {
  CommandBufferErrorOptionNone = 0,
  CommandBufferErrorOptionEncoderExecutionStatus = 1,
};

using HandlerFunction = std::function<void(CommandBuffer*)>;
#if defined(__BLOCKS__)
using CommandBufferHandler = void (^)(CommandBuffer*);
#endif

/// The key of an error's userInfo that has an array of CommandBufferEncoderInfo, one for each
/// encoder, if the command buffer was made with CommandBufferErrorOptionEncoderExecutionStatus.
extern NS::ErrorUserInfoKey const CommandBufferEncoderInfoErrorKey;

class CommandBufferDescriptor : public NS::Copying<CommandBufferDescriptor> {
 public:
  static CommandBufferDescriptor* alloc() { return new CommandBufferDescriptor(); }
  CommandBufferDescriptor* init() { return this; }

  bool retainedReferences() const { return retained_references_; }
  void setRetainedReferences(bool retainedReferences) { retained_references_ = retainedReferences; }
  CommandBufferErrorOption errorOptions() const { return error_options_; }
  void setErrorOptions(MTL::CommandBufferErrorOption errorOptions) {
    error_options_ = errorOptions;
  }

 private:
  Counted* duplicate() const override { return new CommandBufferDescriptor(*this); }

  bool retained_references_ = true;
  CommandBufferErrorOption error_options_ = CommandBufferErrorOptionNone;
};

/// What became of one encoder of a command buffer that failed.
class CommandBufferEncoderInfo : public NS::Referencing<CommandBufferEncoderInfo> {
 public:
  NS::String* label() const;
  NS::Array* debugSignposts() const;
  CommandEncoderErrorState errorState() const;
};

/// Work for a queue. After commit() it runs on the queue's own thread, in the order of the calls of
/// enqueue() or, for those without, commit().
class CommandBuffer : public softmetal::DeviceObject<CommandBuffer> {
 public:
  CommandQueue* commandQueue() const;
  /// Without retained references the program keeps resources alive until the buffer is done. The
  /// check "freed" finds those that it does not.
  bool retainedReferences() const;
  CommandBufferErrorOption errorOptions() const;

  ComputeCommandEncoder* computeCommandEncoder();
  ComputeCommandEncoder* computeCommandEncoder(MTL::DispatchType dispatchType);
  ComputeCommandEncoder* computeCommandEncoder(
      const MTL::ComputePassDescriptor* computePassDescriptor);
  BlitCommandEncoder* blitCommandEncoder();
  BlitCommandEncoder* blitCommandEncoder(const MTL::BlitPassDescriptor* blitPassDescriptor);

  void encodeSignalEvent(const MTL::Event* event, uint64_t value);
  /// Fails the command buffer when the event has not reached the value within the time that
  /// SOFTMETAL_TIMEOUT says.
  void encodeWait(const MTL::Event* event, uint64_t value);

  /// Called on the queue's thread once the buffer is done, before waitUntilCompleted() returns.
  void addCompletedHandler(const MTL::HandlerFunction& function);
  /// Called on the queue's thread before the buffer runs.
  void addScheduledHandler(const MTL::HandlerFunction& function);
#if defined(__BLOCKS__)
  void addCompletedHandler(const MTL::CommandBufferHandler block) {
    addCompletedHandler(softmetal::function_of(block));
  }
  void addScheduledHandler(const MTL::CommandBufferHandler block) {
    addScheduledHandler(softmetal::function_of(block));
  }
#endif

  void useResidencySet(const MTL::ResidencySet* residencySet);
  void useResidencySets(const MTL::ResidencySet* const residencySets[], NS::UInteger count);

  /// Errors name the groups that were open where the work at fault was encoded.
  void pushDebugGroup(const NS::String* string);
  void popDebugGroup();

  void enqueue();
  void commit();
  // Both return at once for a buffer that was never committed.
  void waitUntilScheduled();
  void waitUntilCompleted();

  CommandBufferStatus status() const;
  /// What went wrong, once the status is CommandBufferStatusError; else nullptr.
  NS::Error* error() const;
  /// Always empty.
  LogContainer* logs() const;
  CFTimeInterval GPUStartTime() const;
  CFTimeInterval GPUEndTime() const;
  CFTimeInterval kernelStartTime() const;
  CFTimeInterval kernelEndTime() const;
};

}  // namespace MTL
