// MTL::Library, Function, ComputePipelineState, and what they are made from.
#include <cstdint>
#include <cstring>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

// A float as a literal that gives the same bits, NaN included.
std::string float_literal(std::uint32_t bits) {
  return fmt::format("as_type<float>({}u)", bits);
}

std::string scalar_literal(MTL::DataType type, const void* value) {
  const auto as = [&]<class T>(T result) {
    std::memcpy(&result, value, sizeof result);
    return result;
  };
  switch (type) {
    case MTL::DataTypeBool:
      return as(std::uint8_t{}) != 0 ? "true" : "false";
    case MTL::DataTypeChar:
      return fmt::format("char({})", as(std::int8_t{}));
    case MTL::DataTypeUChar:
      return fmt::format("uchar({})", as(std::uint8_t{}));
    case MTL::DataTypeShort:
      return fmt::format("short({})", as(std::int16_t{}));
    case MTL::DataTypeUShort:
      return fmt::format("ushort({})", as(std::uint16_t{}));
    case MTL::DataTypeInt:
      return fmt::format("int({}u)", as(std::uint32_t{}));
    case MTL::DataTypeUInt:
      return fmt::format("{}u", as(std::uint32_t{}));
    case MTL::DataTypeLong:
      return fmt::format("long({}ul)", as(std::uint64_t{}));
    case MTL::DataTypeULong:
      return fmt::format("{}ul", as(std::uint64_t{}));
    case MTL::DataTypeHalf:
      return fmt::format("as_type<half>(ushort({}))", as(std::uint16_t{}));
    case MTL::DataTypeBFloat:
      return fmt::format("as_type<bfloat>(ushort({}))", as(std::uint16_t{}));
    case MTL::DataTypeFloat:
      return float_literal(as(std::uint32_t{}));
    default:
      return "";
  }
}

std::size_t scalar_bytes(MTL::DataType type) {
  switch (type) {
    case MTL::DataTypeBool:
    case MTL::DataTypeChar:
    case MTL::DataTypeUChar:
      return 1;
    case MTL::DataTypeShort:
    case MTL::DataTypeUShort:
    case MTL::DataTypeHalf:
    case MTL::DataTypeBFloat:
      return 2;
    case MTL::DataTypeLong:
    case MTL::DataTypeULong:
      return 8;
    default:
      return 4;
  }
}

struct TypeName {
  MTL::DataType scalar;
  const char* name;
};
// Each is followed in MTL::DataType by its vectors of two, three and four.
constexpr TypeName kScalars[] = {
    {MTL::DataTypeFloat, "float"},
    {MTL::DataTypeHalf, "half"},
    {MTL::DataTypeInt, "int"},
    {MTL::DataTypeUInt, "uint"},
    {MTL::DataTypeShort, "short"},
    {MTL::DataTypeUShort, "ushort"},
    {MTL::DataTypeChar, "char"},
    {MTL::DataTypeUChar, "uchar"},
    {MTL::DataTypeBool, "bool"},
    {MTL::DataTypeLong, "long"},
    {MTL::DataTypeULong, "ulong"},
    {MTL::DataTypeBFloat, "bfloat"},
};

// The bytes of a value of this type; a vector of three is as large as one of four.
struct Type {
  TypeName element;
  unsigned components;

  std::size_t bytes() const {
    return scalar_bytes(element.scalar) * (components == 3 ? 4 : components);
  }
};

Type type_of(MTL::DataType type) {
  for (const TypeName& scalar : kScalars) {
    if (type >= scalar.scalar && type < scalar.scalar + 4) {
      return {scalar, static_cast<unsigned>(type - scalar.scalar + 1)};
    }
  }
  throw ingot::Error(ingot::ErrorCode::kInvalidArgument,
                     "function constant",
                     fmt::format("the MTL::DataType {} is neither a scalar nor a vector",
                                 static_cast<unsigned>(type)));
}

std::string literal(const Type& type, const void* value) {
  if (type.components == 1) {
    return scalar_literal(type.element.scalar, value);
  }
  std::string text = fmt::format("{}{}(", type.element.name, type.components);
  for (unsigned i = 0; i < type.components; ++i) {
    const auto* component =
        static_cast<const std::byte*>(value) + i * scalar_bytes(type.element.scalar);
    text += (i == 0 ? "" : ", ") + scalar_literal(type.element.scalar, component);
  }
  return text + ")";
}

Program::Options program_options(const MTL::CompileOptions* options) {
  Program::Options result;
  if (options == nullptr) {
    return result;
  }
  // 0x30001 is version 3.1.
  const NS::UInteger version = options->languageVersion();
  result.metal_version = static_cast<unsigned>((version >> 16) * 100 + (version & 0xffff) * 10);
  if (const NS::Dictionary* macros = options->preprocessorMacros(); macros != nullptr) {
    auto* keys = macros->keyEnumerator<NS::String>();
    while (const NS::String* key = keys->nextObject()) {
      result.macros.push_back(fmt::format(
          "{}={}", key->utf8String(), macros->object(key)->description()->utf8String()));
    }
  }
  return result;
}

NS::Error* library_error(const ingot::Error& error) {
  const NS::Integer code =
      error.code() == ingot::ErrorCode::kCompile    ? NS::Integer{MTL::LibraryErrorCompileFailure}
      : error.code() == ingot::ErrorCode::kNotFound ? NS::Integer{MTL::LibraryErrorFunctionNotFound}
                                                    : NS::Integer{MTL::LibraryErrorInternal};
  return make_error(kLibraryErrorDomain, code, error.what());
}

// Runs a function that makes something; an exception becomes *error and nullptr.
template <class Make>
auto make_or_report(NS::Error** error, const Make& make) -> decltype(make()) {
  try {
    return make();
  } catch (const ingot::Error& failure) {
    if (error != nullptr) {
      *error = library_error(failure);
    }
  } catch (const std::exception& failure) {
    if (error != nullptr) {
      *error = make_error(kLibraryErrorDomain, MTL::LibraryErrorInternal, failure.what());
    }
  }
  return nullptr;
}

FunctionObject* new_function(const LibraryObject& library,
                             const char* name,
                             const Constants& constants) {
  return new FunctionObject(library.program, library.program->specialise(name, constants));
}

}  // namespace

PipelineObject::PipelineObject(Specialisation chosen, NS::String* function_label)
    : specialisation(std::move(chosen)), label_text(NS::RetainPtr(function_label)) {
  executable();
}

const Executable& PipelineObject::executable() const {
  const Build build = choose_build(specialisation);
  const std::lock_guard lock(mutex_);
  return executables_.try_emplace(build, specialisation, build).first->second;
}

}  // namespace softmetal

namespace MTL {
using softmetal::self;
using softmetal::shared_device;

CompileOptions* CompileOptions::alloc() {
  return new softmetal::CompileOptionsObject();
}
CompileOptions* CompileOptions::init() {
  return this;
}
bool CompileOptions::fastMathEnabled() const {
  return self(this)->fast_math;
}
void CompileOptions::setFastMathEnabled(bool fastMathEnabled) {
  self(this)->fast_math = fastMathEnabled;
}
LanguageVersion CompileOptions::languageVersion() const {
  return self(this)->language;
}
void CompileOptions::setLanguageVersion(MTL::LanguageVersion languageVersion) {
  self(this)->language = languageVersion;
}
MathMode CompileOptions::mathMode() const {
  return self(this)->math_mode;
}
void CompileOptions::setMathMode(MTL::MathMode mathMode) {
  self(this)->math_mode = mathMode;
}
NS::Dictionary* CompileOptions::preprocessorMacros() const {
  return self(this)->macros.get();
}
void CompileOptions::setPreprocessorMacros(const NS::Dictionary* preprocessorMacros) {
  self(this)->macros = NS::RetainPtr(const_cast<NS::Dictionary*>(preprocessorMacros));
}

FunctionConstantValues* FunctionConstantValues::alloc() {
  return new softmetal::FunctionConstantValuesObject();
}
FunctionConstantValues* FunctionConstantValues::init() {
  return this;
}
void FunctionConstantValues::reset() {
  self(this)->constants.clear();
}
void FunctionConstantValues::setConstantValue(const void* value,
                                              MTL::DataType type,
                                              NS::UInteger index) {
  setConstantValues(value, type, NS::Range(index, 1));
}
void FunctionConstantValues::setConstantValue(const void* value,
                                              MTL::DataType type,
                                              const NS::String* name) {
  self(this)->constants[name->utf8String()] = softmetal::literal(softmetal::type_of(type), value);
}
void FunctionConstantValues::setConstantValues(const void* values,
                                               MTL::DataType type,
                                               NS::Range range) {
  const softmetal::Type layout = softmetal::type_of(type);
  for (NS::UInteger i = 0; i < range.length; ++i) {
    self(this)->constants[std::to_string(range.location + i)] =
        softmetal::literal(layout, static_cast<const std::byte*>(values) + i * layout.bytes());
  }
}

NS::UInteger FunctionConstant::index() const {
  return self(this)->number;
}
NS::String* FunctionConstant::name() const {
  return self(this)->name_text.get();
}

Device* Function::device() const {
  return shared_device();
}
NS::String* Function::name() const {
  return softmetal::autoreleased(self(this)->specialisation.name);
}
NS::String* Function::label() const {
  return self(this)->label_text.get();
}
void Function::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
NS::Dictionary* Function::functionConstantsDictionary() const {
  std::vector<const NS::Object*> names;
  std::vector<const NS::Object*> constants;
  for (const auto& constant : self(this)->program->module().constants) {
    auto* object = new softmetal::FunctionConstantObject();
    object->number = constant.index;
    object->name_text = NS::RetainPtr(softmetal::autoreleased(constant.name));
    constants.push_back(object->autorelease());
    names.push_back(object->name_text.get());
  }
  return NS::Dictionary::dictionary(constants.data(), names.data(), names.size());
}

Device* Library::device() const {
  return shared_device();
}
NS::String* Library::label() const {
  return self(this)->label_text.get();
}
void Library::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
NS::Array* Library::functionNames() const {
  std::vector<const NS::Object*> names;
  for (const auto& kernel : self(this)->program->module().kernels) {
    names.push_back(softmetal::autoreleased(kernel.name));
  }
  return NS::Array::array(names.data(), names.size());
}
Function* Library::newFunction(const NS::String* functionName) {
  return softmetal::make_or_report(nullptr, [&] {
    return softmetal::new_function(*self(this), functionName->utf8String(), {});
  });
}
Function* Library::newFunction(const NS::String* name,
                               const MTL::FunctionConstantValues* constantValues,
                               NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return softmetal::new_function(
        *self(this),
        name->utf8String(),
        constantValues == nullptr ? softmetal::Constants() : self(constantValues)->constants);
  });
}

Library* Device::newLibrary(const NS::String* source,
                            const MTL::CompileOptions* options,
                            NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return new softmetal::LibraryObject(std::make_shared<softmetal::Program>(
        source->utf8String(), softmetal::program_options(options)));
  });
}

ComputePipelineState* Device::newComputePipelineState(const MTL::Function* computeFunction,
                                                      NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return new softmetal::PipelineObject(self(computeFunction)->specialisation,
                                         computeFunction->label());
  });
}

Device* ComputePipelineState::device() const {
  return shared_device();
}
NS::String* ComputePipelineState::label() const {
  return self(this)->label_text.get();
}
NS::UInteger ComputePipelineState::maxTotalThreadsPerThreadgroup() const {
  return self(this)->specialisation.max_threads;
}
NS::UInteger ComputePipelineState::staticThreadgroupMemoryLength() const {
  return self(this)->executable().layout().bytes();
}
NS::UInteger ComputePipelineState::threadExecutionWidth() const {
  return softmetal::kSimdWidth;
}

}  // namespace MTL
