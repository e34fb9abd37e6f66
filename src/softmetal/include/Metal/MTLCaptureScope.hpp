#pragma once

#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

class CommandQueue;

/// Marks what a capture would record. There is no capture: nothing happens.
class CaptureScope : public softmetal::DeviceObject<CaptureScope> {
 public:
  CommandQueue* commandQueue() const;
  void beginScope() {}
  void endScope() {}
};

}  // namespace MTL
