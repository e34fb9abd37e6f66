#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

class CommandBuffer;
class Device;

class CommandQueue : public NS::Referencing<CommandQueue> {
 public:
  Device* device() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);

  CommandBuffer* commandBuffer();
  CommandBuffer* commandBufferWithUnretainedReferences();
};

}  // namespace MTL
