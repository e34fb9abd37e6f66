#pragma once

#include <array>

#include "Metal/MTLTypes.hpp"

namespace MTL {

enum Mutability : NS::UInteger {
  MutabilityDefault = 0,
  MutabilityMutable = 1,
  MutabilityImmutable = 2,
};
enum ShaderValidation : NS::Integer {
  ShaderValidationDefault = 0,
  ShaderValidationEnabled = 1,
  ShaderValidationDisabled = 2,
};

class PipelineBufferDescriptor : public NS::Copying<PipelineBufferDescriptor> {
 public:
  static PipelineBufferDescriptor* alloc() { return new PipelineBufferDescriptor(); }
  PipelineBufferDescriptor* init() { return this; }

  /// A hint to a real GPU's compiler; it changes nothing here.
  Mutability mutability() const { return mutability_; }
  void setMutability(MTL::Mutability mutability) { mutability_ = mutability; }

 private:
  Counted* duplicate() const override { return new PipelineBufferDescriptor(*this); }

  Mutability mutability_ = MutabilityDefault;
};

/// One descriptor for each of the 31 buffers.
class PipelineBufferDescriptorArray : public NS::Referencing<PipelineBufferDescriptorArray> {
 public:
  static PipelineBufferDescriptorArray* alloc() { return new PipelineBufferDescriptorArray(); }
  PipelineBufferDescriptorArray* init() { return this; }

  // Throw std::out_of_range.
  PipelineBufferDescriptor* object(NS::UInteger bufferIndex) {
    auto& descriptor = descriptors_.at(bufferIndex);
    if (!descriptor) {
      descriptor = NS::TransferPtr(PipelineBufferDescriptor::alloc()->init());
    }
    return descriptor.get();
  }
  /// nullptr puts the default back. The descriptor is copied.
  void setObject(const MTL::PipelineBufferDescriptor* buffer, NS::UInteger bufferIndex) {
    descriptors_.at(bufferIndex) = NS::TransferPtr(buffer == nullptr ? nullptr : buffer->copy());
  }

 private:
  std::array<NS::SharedPtr<PipelineBufferDescriptor>, 31> descriptors_;
};

}  // namespace MTL
