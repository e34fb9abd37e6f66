#pragma once

#include "Metal/MTLArgument.hpp"
#include "Metal/MTLDataType.hpp"
#include "Metal/MTLDeviceObject.hpp"

namespace MTL {

class Buffer;

/// A member of an argument buffer: its [[id(n)]], and its type. Pointers are DataTypePointer.
class ArgumentDescriptor : public NS::Copying<ArgumentDescriptor> {
 public:
  static ArgumentDescriptor* argumentDescriptor() { return alloc()->init()->autorelease(); }
  static ArgumentDescriptor* alloc() { return new ArgumentDescriptor(); }
  ArgumentDescriptor* init() { return this; }

  DataType dataType() const { return data_type_; }
  void setDataType(MTL::DataType dataType) { data_type_ = dataType; }
  NS::UInteger index() const { return index_; }
  void setIndex(NS::UInteger index) { index_ = index; }
  /// 0: no array. An array takes as many indices.
  NS::UInteger arrayLength() const { return array_length_; }
  void setArrayLength(NS::UInteger arrayLength) { array_length_ = arrayLength; }
  BindingAccess access() const { return access_; }
  void setAccess(MTL::BindingAccess access) { access_ = access; }
  /// Of a constant, if larger than its type's.
  NS::UInteger constantBlockAlignment() const { return constant_block_alignment_; }
  void setConstantBlockAlignment(NS::UInteger constantBlockAlignment) {
    constant_block_alignment_ = constantBlockAlignment;
  }

 private:
  Counted* duplicate() const override { return new ArgumentDescriptor(*this); }

  DataType data_type_ = DataTypeNone;
  NS::UInteger index_ = 0;
  NS::UInteger array_length_ = 0;
  BindingAccess access_ = BindingAccessReadOnly;
  NS::UInteger constant_block_alignment_ = 0;
};

/// Writes arguments into a buffer, as a kernel sees them in a structure whose members have the same
/// types in the order of their indices. A mistake (an index that is not there, a buffer too small,
/// ...) is an ingot::Error.
class ArgumentEncoder : public softmetal::DeviceObject<ArgumentEncoder> {
 public:
  // Bytes.
  NS::UInteger encodedLength() const;
  NS::UInteger alignment() const;

  /// Where to write; the encoder keeps the buffer.
  void setArgumentBuffer(const MTL::Buffer* argumentBuffer, NS::UInteger offset);
  void setArgumentBuffer(const MTL::Buffer* argumentBuffer,
                         NS::UInteger startOffset,
                         NS::UInteger arrayElement);
  /// nullptr writes a null pointer. A kernel's command buffer must be told by useResource.
  void setBuffer(const MTL::Buffer* buffer, NS::UInteger offset, NS::UInteger index);
  void setBuffers(const MTL::Buffer* const buffers[],
                  const NS::UInteger offsets[],
                  NS::Range range);
  /// Where the constant of this index lies in the argument buffer.
  void* constantData(NS::UInteger index);
};

}  // namespace MTL
