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
  ResourceUsageWrite = 1 << 1,
  ResourceUsageSample = 1 << 2,
};

using BarrierScope = NS::UInteger;
enum : NS::UInteger {
  BarrierScopeBuffers = 1,
  BarrierScopeTextures = 1 << 1,
  BarrierScopeRenderTargets = 1 << 2,
};

class CommandEncoder : public NS::Referencing<CommandEncoder> {
 public:
  Device* device() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);
  void insertDebugSignpost(const NS::String* string);
  void pushDebugGroup(const NS::String* string);
  void popDebugGroup();
  void endEncoding();

 private:
  virtual softmetal::EncoderState& state() const = 0;
};

}  // namespace MTL
