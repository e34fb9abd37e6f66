// MTL::ComputePipelineReflection, Binding, Argument and PointerType.
#include "softmetal/reflection.hpp"

#include <algorithm>
#include <vector>

#include "softmetal/argument_info.hpp"
#include "softmetal/data_type.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {
namespace {

class PointerTypeObject final : public NS::Referencing<PointerTypeObject, MTL::PointerType> {
 public:
  explicit PointerTypeObject(const ArgumentInfo& argument) : info(argument) {}
  const ArgumentInfo info;
};

template <class Derived, class Interface>
class Described : public NS::Referencing<Derived, Interface> {
 public:
  explicit Described(const ArgumentInfo& argument) : info_(argument) {}

  const ArgumentInfo& info() const override { return info_; }

 private:
  const ArgumentInfo info_;
};
class BufferBindingObject final : public Described<BufferBindingObject, MTL::BufferBinding> {
  using Described::Described;
};
class ThreadgroupBindingObject final
    : public Described<ThreadgroupBindingObject, MTL::ThreadgroupBinding> {
  using Described::Described;
};
class ArgumentObject final : public Described<ArgumentObject, MTL::Argument> {
  using Described::Described;
};

class ComputePipelineReflectionObject final
    : public NS::Referencing<ComputePipelineReflectionObject, MTL::ComputePipelineReflection> {
 public:
  NS::SharedPtr<NS::Array> bindings;
  NS::SharedPtr<NS::Array> arguments;
};

// DataTypeNone for what only the compiler can resolve.
MTL::DataType target_type(const std::string& parameter, const ingot::msl::Module& module) {
  const std::string type = target_name(parameter);
  const MTL::DataType known = data_type_named(type);
  const bool is_struct = std::ranges::any_of(module.declarations, [&](const auto& declaration) {
    return declaration.kind == ingot::msl::DeclarationKind::kType &&
           (declaration.name == type || declaration.qualified == type);
  });
  return known == MTL::DataTypeNone && is_struct ? MTL::DataTypeStruct : known;
}

}  // namespace

std::vector<ArgumentInfo> arguments_of(const FunctionObject& function) {
  // The unchecked build: checks change no types.
  const Specialisation& specialisation = function.specialisation;
  const Executable executable(specialisation, choose_build(specialisation, Options()));
  const Entry& entry = executable.entry();
  std::vector<ArgumentInfo> result;
  for (unsigned i = 0; i < entry.parameter_count; ++i) {
    const ingot::msl::Parameter& parameter = specialisation.parameters[i];
    if (parameter.binding.kind == ingot::msl::BindingKind::kBuiltin) {
      continue;
    }
    const ParameterType& type = entry.parameters[i];
    result.push_back({.name = parameter.name,
                      .is_buffer = parameter.binding.kind == ingot::msl::BindingKind::kBuffer,
                      .is_used = type.kind != ParameterType::kDisabled,
                      .is_const = type.is_const,
                      .index = parameter.binding.index,
                      .size = type.size,
                      .alignment = type.alignment,
                      .data_type = target_type(parameter.type, function.program->module()),
                      .layout = ArgumentLayout(executable.argument_members(), type)});
  }
  return result;
}

MTL::ComputePipelineReflection* new_reflection(std::span<const ArgumentInfo> infos) {
  std::vector<NS::SharedPtr<NS::Object>> owners;
  std::vector<const NS::Object*> bindings;
  std::vector<const NS::Object*> arguments;
  const auto add = [&owners](std::vector<const NS::Object*>& to, NS::Object* object) {
    owners.push_back(NS::TransferPtr(object));
    to.push_back(object);
  };
  for (const ArgumentInfo& info : infos) {
    if (info.is_buffer) {
      add(bindings, new BufferBindingObject(info));
    } else {
      add(bindings, new ThreadgroupBindingObject(info));
    }
    add(arguments, new ArgumentObject(info));
  }
  auto* reflection = new ComputePipelineReflectionObject();
  reflection->bindings =
      NS::TransferPtr(NS::Array::alloc()->init(bindings.data(), bindings.size()));
  reflection->arguments =
      NS::TransferPtr(NS::Array::alloc()->init(arguments.data(), arguments.size()));
  return reflection;
}

MTL::Argument* new_argument(const ArgumentInfo& info) {
  return new ArgumentObject(info);
}

const ArgumentInfo& info_of(const MTL::BufferBinding* binding) {
  return static_cast<const BufferBindingObject*>(binding)->info();
}

static const ArgumentInfo& info_of(const MTL::PointerType* pointer) {
  return static_cast<const PointerTypeObject*>(pointer)->info;
}

static const ComputePipelineReflectionObject* self(
    const MTL::ComputePipelineReflection* reflection) {
  return static_cast<const ComputePipelineReflectionObject*>(reflection);
}

}  // namespace softmetal

namespace MTL {
using softmetal::autoreleased;
using softmetal::info_of;
using softmetal::self;
namespace {

BindingAccess access_of(const softmetal::ArgumentInfo& info) {
  return info.is_const ? BindingAccessReadOnly : BindingAccessReadWrite;
}
PointerType* pointer_to(const softmetal::ArgumentInfo& info) {
  return (new softmetal::PointerTypeObject(info))->autorelease();
}

}  // namespace

NS::Array* ComputePipelineReflection::bindings() const {
  return self(this)->bindings.get();
}
NS::Array* ComputePipelineReflection::arguments() const {
  return self(this)->arguments.get();
}

DataType Type::dataType() const {
  return DataTypePointer;  // pointers are the only types that softmetal describes by an object
}
BindingAccess PointerType::access() const {
  return access_of(info_of(this));
}
NS::UInteger PointerType::alignment() const {
  return info_of(this).alignment;
}
NS::UInteger PointerType::dataSize() const {
  return info_of(this).size;
}
DataType PointerType::elementType() const {
  return info_of(this).data_type;
}

NS::String* Binding::name() const {
  return autoreleased(info().name);
}
BindingType Binding::type() const {
  return info().is_buffer ? BindingTypeBuffer : BindingTypeThreadgroupMemory;
}
BindingAccess Binding::access() const {
  return access_of(info());
}
NS::UInteger Binding::index() const {
  return info().index;
}
bool Binding::isUsed() const {
  return info().is_used;
}
NS::UInteger BufferBinding::bufferAlignment() const {
  return info().alignment;
}
NS::UInteger BufferBinding::bufferDataSize() const {
  return info().size;
}
DataType BufferBinding::bufferDataType() const {
  return info().data_type;
}
PointerType* BufferBinding::bufferPointerType() const {
  return pointer_to(info());
}
NS::UInteger ThreadgroupBinding::threadgroupMemoryAlignment() const {
  return info().alignment;
}
NS::UInteger ThreadgroupBinding::threadgroupMemoryDataSize() const {
  return info().size;
}

NS::String* Argument::name() const {
  return autoreleased(info().name);
}
ArgumentType Argument::type() const {
  return info().is_buffer ? ArgumentTypeBuffer : ArgumentTypeThreadgroupMemory;
}
BindingAccess Argument::access() const {
  return access_of(info());
}
NS::UInteger Argument::index() const {
  return info().index;
}
bool Argument::isActive() const {
  return info().is_used;
}
NS::UInteger Argument::bufferAlignment() const {
  return info().is_buffer ? info().alignment : 0;
}
NS::UInteger Argument::bufferDataSize() const {
  return info().is_buffer ? info().size : 0;
}
DataType Argument::bufferDataType() const {
  return info().is_buffer ? info().data_type : DataTypeNone;
}
PointerType* Argument::bufferPointerType() const {
  return info().is_buffer ? pointer_to(info()) : nullptr;
}
NS::UInteger Argument::threadgroupMemoryAlignment() const {
  return info().is_buffer ? 0 : info().alignment;
}
NS::UInteger Argument::threadgroupMemoryDataSize() const {
  return info().is_buffer ? 0 : info().size;
}

}  // namespace MTL
