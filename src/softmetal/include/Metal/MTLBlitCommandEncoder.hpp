#pragma once

#include "Metal/MTLCommandEncoder.hpp"

namespace MTL {

class Buffer;
class CounterSampleBuffer;
class Fence;
class Resource;

class BlitCommandEncoder : public NS::Referencing<BlitCommandEncoder, CommandEncoder> {
 public:
  /// The ranges may not overlap within one buffer.
  void copyFromBuffer(const MTL::Buffer* sourceBuffer,
                      NS::UInteger sourceOffset,
                      const MTL::Buffer* destinationBuffer,
                      NS::UInteger destinationOffset,
                      NS::UInteger size);
  void fillBuffer(const MTL::Buffer* buffer, NS::Range range, uint8_t value);
  /// Does nothing: host and device see the same bytes.
  void synchronizeResource(const MTL::Resource* resource);
  void updateFence(const MTL::Fence* fence);
  void waitForFence(const MTL::Fence* fence);

  // There are no counters: errors of the command buffer.
  void sampleCountersInBuffer(const MTL::CounterSampleBuffer* sampleBuffer,
                              NS::UInteger sampleIndex,
                              bool barrier);
  void resolveCounters(const MTL::CounterSampleBuffer* sampleBuffer,
                       NS::Range range,
                       const MTL::Buffer* destinationBuffer,
                       NS::UInteger destinationOffset);
};

}  // namespace MTL
