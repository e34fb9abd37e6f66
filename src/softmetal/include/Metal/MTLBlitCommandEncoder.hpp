#pragma once

#include "Metal/MTLCommandEncoder.hpp"

namespace MTL {

class Buffer;
class Resource;

class BlitCommandEncoder : public NS::Referencing<BlitCommandEncoder, CommandEncoder> {
 public:
  void copyFromBuffer(const MTL::Buffer* sourceBuffer,
                      NS::UInteger sourceOffset,
                      const MTL::Buffer* destinationBuffer,
                      NS::UInteger destinationOffset,
                      NS::UInteger size);
  void fillBuffer(const MTL::Buffer* buffer, NS::Range range, uint8_t value);
  void synchronizeResource(const MTL::Resource* resource);
};

}  // namespace MTL
