#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

/// How a blit encoder is made. There are no counters, so a pass has no attachments.
class BlitPassDescriptor : public NS::Copying<BlitPassDescriptor> {
 public:
  static BlitPassDescriptor* blitPassDescriptor() { return alloc()->init()->autorelease(); }
  static BlitPassDescriptor* alloc() { return new BlitPassDescriptor(); }
  BlitPassDescriptor* init() { return this; }

 private:
  Counted* duplicate() const override { return new BlitPassDescriptor(*this); }
};

}  // namespace MTL
