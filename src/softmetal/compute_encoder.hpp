// The object behind MTL::ComputeCommandEncoder.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "softmetal/argument_table.hpp"
#include "softmetal/command_buffer.hpp"

namespace softmetal {

class ComputeCommandEncoderObject final
    : public NS::Referencing<ComputeCommandEncoderObject, MTL::ComputeCommandEncoder> {
 public:
  ComputeCommandEncoderObject(NS::SharedPtr<CommandBufferObject> buffer, MTL::DispatchType chosen)
      : type(chosen), encoder(std::move(buffer), "compute") {
    barrier();
  }

  void set_buffer(const MTL::Buffer* buffer, NS::UInteger offset, NS::UInteger index);
  void set_offset(NS::UInteger offset, NS::UInteger index);
  void set_bytes(const void* bytes, NS::UInteger length, NS::UInteger index);
  void set_threadgroup_length(NS::UInteger length, NS::UInteger index);
  void set_pipeline(const MTL::ComputePipelineState* state);

  /// `groups` is read when the command runs.
  void dispatch(MTL::Size threads, MTL::Size group);
  void dispatch_groups(MTL::Size groups, MTL::Size group);
  void dispatch_indirect(const MTL::Buffer* buffer, NS::UInteger offset, MTL::Size group);

  /// What is dispatched next comes after all that was dispatched before.
  void barrier();
  /// Keeps a buffer or heap that kernels reach through pointers in memory.
  void use(const NS::Object* resource);

  /// Records that a program called what softmetal has not got.
  void refuse(const char* function, const char* things);

  const MTL::DispatchType type;
  mutable EncoderState encoder;

 private:
  EncoderState& state() const override { return encoder; }
  std::optional<Dispatch> prepare(MTL::Size group);
  void add(Dispatch dispatch);
  void reject(std::string mistake, MTL::CommandBufferError code = MTL::CommandBufferErrorInternal);
  void check(std::string mistake);  // rejects what is not ""

  NS::SharedPtr<ComputePipelineStateObject> pipeline_;
  ArgumentTable arguments_;
  std::uint64_t window_ = 0;  // of the dispatches since the last barrier
  bool uses_resources_ = false;
};

inline ComputeCommandEncoderObject* self(const MTL::ComputeCommandEncoder* e) {
  return static_cast<ComputeCommandEncoderObject*>(const_cast<MTL::ComputeCommandEncoder*>(e));
}

}  // namespace softmetal
