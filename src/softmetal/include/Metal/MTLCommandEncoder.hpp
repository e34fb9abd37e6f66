#pragma once

#include "Metal/MTLTypes.hpp"

namespace softmetal {
struct EncoderState;
}

namespace MTL {

class Device;

using ResourceUsage = NS::UInteger;
enum : NS::UInteger {
  ResourceUsageRead = 1,
  ResourceUsageWrite = 2,
  ResourceUsageSample = 4,
};

using BarrierScope = NS::UInteger;
enum : NS::UInteger {
  BarrierScopeBuffers = 1,
  BarrierScopeTextures = 2,
  BarrierScopeRenderTargets = 4,
};

class CommandEncoder : public NS::Referencing<CommandEncoder> {
 public:
  Device* device() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);
  void insertDebugSignpost(const NS::String*) {}
  void pushDebugGroup(const NS::String*) {}
  void popDebugGroup() {}
  void endEncoding();

 private:
  virtual softmetal::EncoderState& state() const = 0;
};

}  // namespace MTL
