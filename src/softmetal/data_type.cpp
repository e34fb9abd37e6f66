#include "softmetal/data_type.hpp"

#include <algorithm>

namespace softmetal {
namespace {

// Each scalar is followed in MTL::DataType by its vectors of two, three and four.
constexpr DataTypeLayout kScalars[] = {
    {MTL::DataTypeFloat, "float", 4},
    {MTL::DataTypeHalf, "half", 2},
    {MTL::DataTypeInt, "int", 4},
    {MTL::DataTypeUInt, "uint", 4},
    {MTL::DataTypeShort, "short", 2},
    {MTL::DataTypeUShort, "ushort", 2},
    {MTL::DataTypeChar, "char", 1},
    {MTL::DataTypeUChar, "uchar", 1},
    {MTL::DataTypeBool, "bool", 1},
    {MTL::DataTypeLong, "long", 8},
    {MTL::DataTypeULong, "ulong", 8},
    {MTL::DataTypeBFloat, "bfloat", 2},
};

struct Alias {
  std::string_view name;
  MTL::DataType type;
};
constexpr Alias kAliases[] = {
    {"int8_t", MTL::DataTypeChar},
    {"uint8_t", MTL::DataTypeUChar},
    {"int16_t", MTL::DataTypeShort},
    {"uint16_t", MTL::DataTypeUShort},
    {"int32_t", MTL::DataTypeInt},
    {"uint32_t", MTL::DataTypeUInt},
    {"unsigned", MTL::DataTypeUInt},
    {"int64_t", MTL::DataTypeLong},
    {"uint64_t", MTL::DataTypeULong},
    {"size_t", MTL::DataTypeULong},
    {"ptrdiff_t", MTL::DataTypeLong},
};

// Matrices follow each other from 2x2 to 4x4, the columns first in their names.
struct Matrices {
  MTL::DataType first;
  MTL::DataType scalar;
};
constexpr Matrices kMatrices[] = {
    {MTL::DataTypeFloat2x2, MTL::DataTypeFloat},
    {MTL::DataTypeHalf2x2, MTL::DataTypeHalf},
};

bool skip(std::string_view& text, std::string_view prefix) {
  const bool starts = text.starts_with(prefix);
  text.remove_prefix(starts ? prefix.size() : 0);
  return starts;
}

unsigned small_digit(char c) {
  return c >= '2' && c <= '4' ? static_cast<unsigned>(c - '0') : 0;
}

}  // namespace

std::optional<DataTypeLayout> layout_of(MTL::DataType type) {
  for (DataTypeLayout scalar : kScalars) {
    if (type >= scalar.scalar && type < scalar.scalar + 4) {
      scalar.rows = static_cast<unsigned>(type - scalar.scalar + 1);
      return scalar;
    }
  }
  for (const Matrices& matrices : kMatrices) {
    if (type >= matrices.first && type < matrices.first + 9) {
      DataTypeLayout layout = *layout_of(matrices.scalar);
      layout.columns = static_cast<unsigned>(type - matrices.first) / 3 + 2;
      layout.rows = static_cast<unsigned>(type - matrices.first) % 3 + 2;
      return layout;
    }
  }
  return std::nullopt;
}

std::string target_name(std::string type) {
  for (const char* word : {"const ", "volatile ", " const", "*", "&", " "}) {
    for (std::size_t at = type.find(word); at != std::string::npos; at = type.find(word)) {
      type.erase(at, std::string_view(word).size());
    }
  }
  return type;
}

MTL::DataType data_type_named(std::string_view name) {
  skip(name, "metal::");
  if (!skip(name, "packed_")) {
    skip(name, "atomic_");
  }
  if (const auto* alias = std::ranges::find(kAliases, name, &Alias::name);
      alias != std::end(kAliases)) {
    return alias->type;
  }
  for (const DataTypeLayout& scalar : kScalars) {
    std::string_view rest = name;
    if (!skip(rest, scalar.scalar_name)) {
      continue;
    }
    const unsigned count = rest.empty() ? 1 : small_digit(rest[0]);
    if (count != 0 && rest.size() <= 1) {
      return static_cast<MTL::DataType>(scalar.scalar + count - 1);
    }
    const auto* matrices = std::ranges::find(kMatrices, scalar.scalar, &Matrices::scalar);
    if (matrices != std::end(kMatrices) && rest.size() == 3 && rest[1] == 'x' && count != 0 &&
        small_digit(rest[2]) != 0) {
      return static_cast<MTL::DataType>(matrices->first + (count - 2) * 3 + small_digit(rest[2]) -
                                        2);
    }
  }
  return MTL::DataTypeNone;
}

}  // namespace softmetal
