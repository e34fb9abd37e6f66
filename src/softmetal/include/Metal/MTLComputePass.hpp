#pragma once

#include "Metal/MTLCommandBuffer.hpp"

namespace MTL {

/// How a compute encoder is made. There are no counters, so a pass has no attachments.
class ComputePassDescriptor : public NS::Copying<ComputePassDescriptor> {
 public:
  static ComputePassDescriptor* computePassDescriptor() { return alloc()->init()->autorelease(); }
  static ComputePassDescriptor* alloc() { return new ComputePassDescriptor(); }
  ComputePassDescriptor* init() { return this; }

  DispatchType dispatchType() const { return dispatch_type_; }
  void setDispatchType(MTL::DispatchType dispatchType) { dispatch_type_ = dispatchType; }

 private:
  Counted* duplicate() const override { return new ComputePassDescriptor(*this); }

  DispatchType dispatch_type_ = DispatchTypeSerial;
};

}  // namespace MTL
