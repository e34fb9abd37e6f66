#pragma once

#include "Metal/MTLResource.hpp"

namespace MTL {

/// Memory of the device. Shared and managed buffers are memory of the host too, without a copy.
class Buffer : public NS::Referencing<Buffer, Resource> {
 public:
  /// nullptr for a private buffer: copy with a BlitCommandEncoder.
  void* contents();
  NS::UInteger length() const;
  GPUAddress gpuAddress() const;

  // Without effect: host and device see the same bytes, and there is no capture to show markers.
  void didModifyRange(NS::Range) {}
  void addDebugMarker(const NS::String*, NS::Range) {}
  void removeAllDebugMarkers() {}
};

}  // namespace MTL
