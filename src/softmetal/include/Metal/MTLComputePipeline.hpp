#pragma once

#include "Metal/MTLResource.hpp"

namespace MTL {

class ComputePipelineState : public NS::Referencing<ComputePipelineState, Allocation> {
 public:
  Device* device() const;
  NS::String* label() const;
  NS::UInteger maxTotalThreadsPerThreadgroup() const;
  NS::UInteger staticThreadgroupMemoryLength() const;
  NS::UInteger threadExecutionWidth() const;
};

}  // namespace MTL
