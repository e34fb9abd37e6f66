#pragma once

#include "Metal/MTLResource.hpp"

namespace MTL {

/// Memory that host and device share, whatever its storage mode.
class Buffer : public NS::Referencing<Buffer, Resource> {
 public:
  void* contents();
  NS::UInteger length() const;
  GPUAddress gpuAddress() const;
  void didModifyRange(NS::Range range);
};

}  // namespace MTL
