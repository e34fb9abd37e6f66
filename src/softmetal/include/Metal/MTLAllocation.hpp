#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

/// What takes memory of the device.
class Allocation : public NS::Referencing<Allocation> {
 public:
  NS::UInteger allocatedSize() const { return allocated_bytes(); }

 private:
  virtual NS::UInteger allocated_bytes() const { return 0; }
};

}  // namespace MTL
