#include "softmetal/tool/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "fmt/format.h"

#include "core/text.hpp"
#include "program/command.hpp"

namespace softmetal::tool {
using ingot::DType;
using ingot::cli::UsageError;
namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto* first = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

[[noreturn]] void refuse(const char* option, std::string_view word, std::string_view type) {
  throw UsageError(option, fmt::format("'{}' is not a value of type {}", word, type));
}

// Decimal, or hexadecimal behind 0x.
template <class T>
std::optional<T> parse_integer(std::string_view word) {
  const bool is_hex = word.starts_with("0x");
  word.remove_prefix(is_hex ? 2 : 0);
  T value = 0;
  const char* end = word.data() + word.size();
  const auto [last, error] = std::from_chars(word.data(), end, value, is_hex ? 16 : 10);
  return error == std::errc() && last == end ? std::optional(value) : std::nullopt;
}

template <class T>
void append_integer(const char* option,
                    std::string_view type,
                    std::string_view word,
                    Bytes& bytes) {
  const auto value = parse_integer<T>(word);
  if (!value) {
    refuse(option, word, type);
  }
  append(bytes, *value);
}

// A value beyond the type's largest becomes infinite only when it was asked for.
template <class T>
void append_real(const char* option, std::string_view type, std::string_view word, Bytes& bytes) {
  const std::optional<double> value = ingot::parse_real(word);
  if (!value) {
    refuse(option, word, type);
  }
  const T rounded(static_cast<float>(*value));
  if (std::isfinite(*value) && !std::isfinite(static_cast<float>(rounded))) {
    refuse(option, word, type);
  }
  append(bytes, rounded);
}

void append_bool(const char* option, std::string_view type, std::string_view word, Bytes& bytes) {
  if (word != "true" && word != "false" && word != "0" && word != "1") {
    refuse(option, word, type);
  }
  append(bytes, word == "true" || word == "1");
}

struct ScalarType {
  std::string_view name;
  MTL::DataType constant;  // followed by its vectors of two, three and four
  void (*append)(const char* option, std::string_view type, std::string_view word, Bytes& bytes);
};
constexpr ScalarType kTypes[] = {
    {"i8", MTL::DataTypeChar, append_integer<std::int8_t>},
    {"u8", MTL::DataTypeUChar, append_integer<std::uint8_t>},
    {"i16", MTL::DataTypeShort, append_integer<std::int16_t>},
    {"u16", MTL::DataTypeUShort, append_integer<std::uint16_t>},
    {"i32", MTL::DataTypeInt, append_integer<std::int32_t>},
    {"u32", MTL::DataTypeUInt, append_integer<std::uint32_t>},
    {"i64", MTL::DataTypeLong, append_integer<std::int64_t>},
    {"u64", MTL::DataTypeULong, append_integer<std::uint64_t>},
    {"f16", MTL::DataTypeHalf, append_real<ingot::float16>},
    {"bf16", MTL::DataTypeBFloat, append_real<ingot::bfloat16>},
    {"f32", MTL::DataTypeFloat, append_real<float>},
    {"bool", MTL::DataTypeBool, append_bool},
};

// "u32:1,2" as the type and the words.
std::pair<const ScalarType&, std::vector<std::string_view>> split_typed(const char* option,
                                                                        std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto type = std::ranges::find(kTypes, name, &ScalarType::name);
  const auto words = colon == std::string_view::npos
                         ? std::vector<std::string_view>()
                         : ingot::split_words(text.substr(colon + 1), ",");
  if (type == std::end(kTypes) || words.empty()) {
    throw UsageError(option,
                     fmt::format("'{}' is not TYPE:VALUE", text),
                     "types are i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 bool: u32:100");
  }
  return {*type, words};
}

Bytes parse_hex(const char* option, std::string_view digits) {
  Bytes bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned char value = 0;
    const std::string_view pair = digits.substr(i, 2);
    const auto [last, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    if (error != std::errc() || last != pair.data() + 2) {
      throw UsageError(
          option, fmt::format("'{}' is not pairs of hexadecimal digits", digits), "hex:00ff10");
    }
    bytes.push_back(static_cast<std::byte>(value));
  }
  if (bytes.empty()) {
    throw UsageError(option, "no digits follow hex:", "hex:00ff10");
  }
  return bytes;
}

}  // namespace

Slot parse_slot(std::string_view text) {
  const auto index = parse_integer<unsigned>(text);
  return index ? Slot(*index) : Slot(std::string(text));
}

Size parse_size(const char* option, std::string_view text) {
  std::uint64_t extents[3] = {1, 1, 1};
  const std::vector<std::string_view> words = ingot::split_words(text, ",");
  if (words.empty() || words.size() > 3) {
    throw UsageError(option, fmt::format("'{}' is not X[,Y[,Z]]", text), "256 or 16,16");
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto extent = parse_integer<std::uint32_t>(words[i]);
    if (!extent || *extent == 0) {
      throw UsageError(
          option, fmt::format("'{}' is not a number from 1 to 2^32 - 1", words[i]), "256 or 16,16");
    }
    extents[i] = *extent;
  }
  return {extents[0], extents[1], extents[2]};
}

ingot::Shape parse_shape(const char* option, std::string_view text) {
  std::vector<std::int64_t> extents;
  for (const std::string_view word : ingot::split_words(text, "x")) {
    extents.push_back(ingot::cli::parse_count(option, word));
  }
  if (extents.empty()) {
    throw UsageError(option, fmt::format("'{}' is not a shape", text), "256 or 16x16");
  }
  return ingot::cli::from_usage([&] { return ingot::Shape(extents); });
}

Bytes parse_values(const char* option, std::string_view text) {
  constexpr std::string_view kHex = "hex:";
  if (text.starts_with(kHex)) {
    return parse_hex(option, text.substr(kHex.size()));
  }
  const auto [type, words] = split_typed(option, text);
  Bytes bytes;
  for (const std::string_view word : words) {
    type.append(option, type.name, word, bytes);
  }
  return bytes;
}

std::vector<Constant> parse_constants(const std::vector<std::string>& texts) {
  constexpr const char* kOption = "--constant";
  std::vector<Constant> constants;
  for (const std::string& text : texts) {
    const auto [name, value] = ingot::cli::parse_assignment(kOption, text);
    const auto [type, words] = split_typed(kOption, value);
    if (words.size() > 4) {
      throw UsageError(kOption, fmt::format("'{}' has more than four values", value));
    }
    Bytes bytes = parse_values(kOption, value);
    if (words.size() == 3) {
      bytes.resize(bytes.size() / 3 * 4);  // as large as a vector of four
    }
    const auto data_type = static_cast<MTL::DataType>(type.constant + words.size() - 1);
    constants.emplace_back(parse_slot(name), data_type, bytes.data(), bytes.size());
  }
  return constants;
}

std::optional<DType> dtype_of(MTL::DataType scalar) {
  switch (scalar) {
    case MTL::DataTypeFloat:
      return DType::kF32;
    case MTL::DataTypeHalf:
      return DType::kF16;
    case MTL::DataTypeBFloat:
      return DType::kBF16;
    case MTL::DataTypeInt:
      return DType::kI32;
    case MTL::DataTypeUInt:
      return DType::kU32;
    case MTL::DataTypeLong:
      return DType::kI64;
    case MTL::DataTypeULong:
      return DType::kU64;
    case MTL::DataTypeChar:
      return DType::kI8;
    case MTL::DataTypeUChar:
      return DType::kU8;
    case MTL::DataTypeBool:
      return DType::kBool;
    default:
      return std::nullopt;
  }
}

}  // namespace softmetal::tool
