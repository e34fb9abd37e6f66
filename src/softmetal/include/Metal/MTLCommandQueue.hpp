#pragma once

#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

class CommandBuffer;
class CommandBufferDescriptor;
class ResidencySet;

class CommandQueueDescriptor : public NS::Copying<CommandQueueDescriptor> {
 public:
  static CommandQueueDescriptor* alloc() { return new CommandQueueDescriptor(); }
  CommandQueueDescriptor* init() { return this; }

  /// Not used: a queue takes any number of command buffers.
  NS::UInteger maxCommandBufferCount() const { return max_command_buffer_count_; }
  void setMaxCommandBufferCount(NS::UInteger maxCommandBufferCount) {
    max_command_buffer_count_ = maxCommandBufferCount;
  }

 private:
  Counted* duplicate() const override { return new CommandQueueDescriptor(*this); }

  NS::UInteger max_command_buffer_count_ = 64;
};

/// Runs command buffers one after the other, on a thread of its own.
class CommandQueue : public softmetal::DeviceObject<CommandQueue> {
 public:
  CommandBuffer* commandBuffer();
  CommandBuffer* commandBuffer(const MTL::CommandBufferDescriptor* descriptor);
  CommandBuffer* commandBufferWithUnretainedReferences();

  // Memory of softmetal is always resident; the queue keeps the sets alive.
  void addResidencySet(const MTL::ResidencySet* residencySet);
  void addResidencySets(const MTL::ResidencySet* const residencySets[], NS::UInteger count);
  void removeResidencySet(const MTL::ResidencySet* residencySet);
  void removeResidencySets(const MTL::ResidencySet* const residencySets[], NS::UInteger count);

  /// Does nothing: there is no capture.
  void insertDebugCaptureBoundary() {}
};

}  // namespace MTL
