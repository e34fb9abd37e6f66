// MTL::FunctionConstantValues and FunctionConstant. A value is kept as the C++ literal that
// stands for it in the compiled text.
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

}  // namespace
}  // namespace softmetal

namespace MTL {
using softmetal::self;

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

}  // namespace MTL
