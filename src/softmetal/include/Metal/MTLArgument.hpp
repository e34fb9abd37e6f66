#pragma once

#include "Metal/MTLDataType.hpp"
#include "Metal/MTLTypes.hpp"

namespace softmetal {
struct ArgumentInfo;
}

namespace MTL {

enum BindingType : NS::Integer {
  BindingTypeBuffer = 0,
  BindingTypeThreadgroupMemory = 1,
  BindingTypeTexture = 2,
  BindingTypeSampler = 3,
};
enum ArgumentType : NS::UInteger {
  ArgumentTypeBuffer = 0,
  ArgumentTypeThreadgroupMemory = 1,
  ArgumentTypeTexture = 2,
  ArgumentTypeSampler = 3,
};
enum BindingAccess : NS::UInteger {
  BindingAccessReadOnly = 0,
  BindingAccessReadWrite = 1,
  BindingAccessWriteOnly = 2,
  ArgumentAccessReadOnly = 0,
  ArgumentAccessReadWrite = 1,
  ArgumentAccessWriteOnly = 2,
};

class Type : public NS::Referencing<Type> {
 public:
  DataType dataType() const;
};

/// What a pointer or reference of a kernel leads to.
class PointerType : public NS::Referencing<PointerType, Type> {
 public:
  BindingAccess access() const;
  NS::UInteger alignment() const;
  NS::UInteger dataSize() const;
  DataType elementType() const;
};

/// An argument of a kernel that a program binds.
class Binding : public NS::Referencing<Binding> {
 public:
  NS::String* name() const;
  BindingType type() const;
  BindingAccess access() const;
  NS::UInteger index() const;
  /// False for one that a function constant disables.
  bool isUsed() const;
  bool isArgument() const { return true; }

 protected:
  virtual const softmetal::ArgumentInfo& info() const = 0;
};

class BufferBinding : public NS::Referencing<BufferBinding, Binding> {
 public:
  // Of what the parameter points or refers to, in bytes.
  NS::UInteger bufferAlignment() const;
  NS::UInteger bufferDataSize() const;
  DataType bufferDataType() const;
  PointerType* bufferPointerType() const;
};

class ThreadgroupBinding : public NS::Referencing<ThreadgroupBinding, Binding> {
 public:
  NS::UInteger threadgroupMemoryAlignment() const;
  NS::UInteger threadgroupMemoryDataSize() const;
};

/// The older form of a Binding.
class Argument : public NS::Referencing<Argument> {
 public:
  NS::String* name() const;
  ArgumentType type() const;
  BindingAccess access() const;
  NS::UInteger index() const;
  bool isActive() const;
  /// 1: arrays are of textures and samplers alone.
  NS::UInteger arrayLength() const { return 1; }
  NS::UInteger bufferAlignment() const;
  NS::UInteger bufferDataSize() const;
  DataType bufferDataType() const;
  PointerType* bufferPointerType() const;
  NS::UInteger threadgroupMemoryAlignment() const;
  NS::UInteger threadgroupMemoryDataSize() const;

 private:
  virtual const softmetal::ArgumentInfo& info() const = 0;
};

}  // namespace MTL
