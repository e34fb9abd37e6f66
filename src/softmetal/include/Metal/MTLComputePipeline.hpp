#pragma once

#include "Metal/MTLLibrary.hpp"
#include "Metal/MTLLinkedFunctions.hpp"
#include "Metal/MTLPipeline.hpp"
#include "Metal/MTLResource.hpp"

namespace MTL {

/// The arguments of a kernel, in the order of its parameters.
class ComputePipelineReflection : public NS::Referencing<ComputePipelineReflection> {
 public:
  /// Of BufferBinding and ThreadgroupBinding.
  NS::Array* bindings() const;
  /// The same as Argument.
  NS::Array* arguments() const;
};

class ComputePipelineDescriptor : public NS::Copying<ComputePipelineDescriptor> {
 public:
  static ComputePipelineDescriptor* alloc() { return new ComputePipelineDescriptor(); }
  ComputePipelineDescriptor* init() { return this; }
  void reset() { values_ = Values(); }

  NS::String* label() const { return values_.label.get(); }
  void setLabel(const NS::String* label) {
    values_.label = NS::RetainPtr(const_cast<NS::String*>(label));
  }
  Function* computeFunction() const { return values_.function.get(); }
  void setComputeFunction(const MTL::Function* computeFunction) {
    values_.function = NS::RetainPtr(const_cast<MTL::Function*>(computeFunction));
  }
  PipelineBufferDescriptorArray* buffers() const { return values_.buffers.get(); }

  /// 0: what the kernel says.
  NS::UInteger maxTotalThreadsPerThreadgroup() const { return values_.max_threads; }
  void setMaxTotalThreadsPerThreadgroup(NS::UInteger maxTotalThreadsPerThreadgroup) {
    values_.max_threads = maxTotalThreadsPerThreadgroup;
  }
  /// All 0: dispatches choose. Otherwise every dispatch must have this size.
  Size requiredThreadsPerThreadgroup() const { return values_.required_threads; }
  void setRequiredThreadsPerThreadgroup(MTL::Size requiredThreadsPerThreadgroup) {
    values_.required_threads = requiredThreadsPerThreadgroup;
  }
  /// A promise of the program that dispatches are held to.
  bool threadGroupSizeIsMultipleOfThreadExecutionWidth() const { return values_.whole_simd_groups; }
  void setThreadGroupSizeIsMultipleOfThreadExecutionWidth(
      bool threadGroupSizeIsMultipleOfThreadExecutionWidth) {
    values_.whole_simd_groups = threadGroupSizeIsMultipleOfThreadExecutionWidth;
  }

  /// Not used: calls nest as deep as the stack allows.
  NS::UInteger maxCallStackDepth() const { return values_.max_call_stack_depth; }
  void setMaxCallStackDepth(NS::UInteger maxCallStackDepth) {
    values_.max_call_stack_depth = maxCallStackDepth;
  }
  /// Not used: SOFTMETAL_CHECK says what is validated.
  ShaderValidation shaderValidation() const { return values_.shader_validation; }
  void setShaderValidation(MTL::ShaderValidation shaderValidation) {
    values_.shader_validation = shaderValidation;
  }

  // Pipelines that use these are refused.
  LinkedFunctions* linkedFunctions() const { return values_.linked_functions.get(); }
  void setLinkedFunctions(const MTL::LinkedFunctions* linkedFunctions) {
    values_.linked_functions = NS::RetainPtr(const_cast<MTL::LinkedFunctions*>(linkedFunctions));
  }
  bool supportIndirectCommandBuffers() const { return values_.indirect_command_buffers; }
  void setSupportIndirectCommandBuffers(bool supportIndirectCommandBuffers) {
    values_.indirect_command_buffers = supportIndirectCommandBuffers;
  }

 private:
  struct Values {
    NS::SharedPtr<NS::String> label;
    NS::SharedPtr<Function> function;
    NS::SharedPtr<PipelineBufferDescriptorArray> buffers =
        NS::TransferPtr(PipelineBufferDescriptorArray::alloc()->init());
    NS::UInteger max_threads = 0;
    Size required_threads{0, 0, 0};
    bool whole_simd_groups = false;
    NS::UInteger max_call_stack_depth = 1;
    ShaderValidation shader_validation = ShaderValidationDefault;
    NS::SharedPtr<LinkedFunctions> linked_functions =
        NS::TransferPtr(LinkedFunctions::alloc()->init());
    bool indirect_command_buffers = false;
  };

  Counted* duplicate() const override { return new ComputePipelineDescriptor(*this); }

  Values values_;
};

class ComputePipelineState : public NS::Referencing<ComputePipelineState, Allocation> {
 public:
  Device* device() const;
  NS::String* label() const;
  NS::UInteger maxTotalThreadsPerThreadgroup() const;
  Size requiredThreadsPerThreadgroup() const;
  NS::UInteger staticThreadgroupMemoryLength() const;
  NS::UInteger threadExecutionWidth() const;
  ShaderValidation shaderValidation() const;
  bool supportIndirectCommandBuffers() const { return false; }
  /// nullptr unless it was asked for when the pipeline was made.
  ComputePipelineReflection* reflection() const;
};

}  // namespace MTL
