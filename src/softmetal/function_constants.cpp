// MTL::FunctionConstantValues and FunctionConstant. A value is kept as the C++ literal that
// stands for it in the compiled text.
#include <cstdint>
#include <cstring>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "softmetal/data_type.hpp"
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

DataTypeLayout layout_of_constant(MTL::DataType type) {
  const std::optional<DataTypeLayout> layout = layout_of(type);
  if (!layout || layout->columns > 1) {
    throw ingot::Error(ingot::ErrorCode::kInvalidArgument,
                       "function constant",
                       fmt::format("the MTL::DataType {} is neither a scalar nor a vector",
                                   static_cast<unsigned>(type)));
  }
  return *layout;
}

std::string literal(const DataTypeLayout& type, const void* value) {
  if (type.rows == 1) {
    return scalar_literal(type.scalar, value);
  }
  std::string text = fmt::format("{}{}(", type.scalar_name, type.rows);
  for (unsigned i = 0; i < type.rows; ++i) {
    const auto* component = static_cast<const std::byte*>(value) + i * type.scalar_bytes;
    text += (i == 0 ? "" : ", ") + scalar_literal(type.scalar, component);
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
  self(this)->constants[name->utf8String()] =
      softmetal::literal(softmetal::layout_of_constant(type), value);
}
void FunctionConstantValues::setConstantValues(const void* values,
                                               MTL::DataType type,
                                               NS::Range range) {
  const softmetal::DataTypeLayout layout = softmetal::layout_of_constant(type);
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
DataType FunctionConstant::type() const {
  return self(this)->data_type;
}

}  // namespace MTL
