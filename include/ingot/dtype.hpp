// Element types.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ingot {

/// IEEE 754 binary16. Arithmetic is carried out by the compiler (natively where the CPU has it).
using float16 = _Float16;

/// bfloat16: the upper half of a binary32. Conversion from float rounds to nearest, ties to even;
/// NaN stays NaN.
struct bfloat16 {
  bfloat16() = default;
  explicit bfloat16(float value) {
    const auto word = std::bit_cast<uint32_t>(value);
    const bool nan = (word & 0x7fffffffu) > 0x7f800000u;
    bits = nan ? static_cast<uint16_t>((word >> 16) | 0x40u)
               : static_cast<uint16_t>((word + 0x7fffu + ((word >> 16) & 1u)) >> 16);
  }
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

  uint16_t bits;
};

enum class DType : uint8_t { kF32, kF16, kBF16, kI32, kU32, kI64, kU64, kI8, kU8, kBool };

inline constexpr DType kAllDTypes[] = {DType::kF32,
                                       DType::kF16,
                                       DType::kBF16,
                                       DType::kI32,
                                       DType::kU32,
                                       DType::kI64,
                                       DType::kU64,
                                       DType::kI8,
                                       DType::kU8,
                                       DType::kBool};

/// Bytes of one element.
size_t size_of(DType dtype);

/// "f32", "f16", "bf16", "i32", "u32", "i64", "u64", "i8", "u8", "bool".
std::string_view to_string(DType dtype);

/// The inverse of to_string. Throws Error(kInvalidArgument) for any other text.
DType parse_dtype(std::string_view text);

/// f32, f16 or bf16.
bool is_floating_point(DType dtype);

namespace detail {
template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::kF32;
};
template <>
struct DTypeOf<float16> {
  static constexpr DType value = DType::kF16;
};
template <>
struct DTypeOf<bfloat16> {
  static constexpr DType value = DType::kBF16;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::kI32;
};
template <>
struct DTypeOf<uint32_t> {
  static constexpr DType value = DType::kU32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::kI64;
};
template <>
struct DTypeOf<uint64_t> {
  static constexpr DType value = DType::kU64;
};
template <>
struct DTypeOf<int8_t> {
  static constexpr DType value = DType::kI8;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::kU8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::kBool;
};
}  // namespace detail

/// The DType of a C++ element type.
template <class T>
inline constexpr DType dtype_of = detail::DTypeOf<T>::value;

/// Calls `f.template operator()<T>()` with the C++ type of `dtype` and returns what it returns.
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kF16:
      return f.template operator()<float16>();
    case DType::kBF16:
      return f.template operator()<bfloat16>();
    case DType::kI32:
      return f.template operator()<int32_t>();
    case DType::kU32:
      return f.template operator()<uint32_t>();
    case DType::kI64:
      return f.template operator()<int64_t>();
    case DType::kU64:
      return f.template operator()<uint64_t>();
    case DType::kI8:
      return f.template operator()<int8_t>();
    case DType::kU8:
      return f.template operator()<uint8_t>();
    case DType::kBool:
      return f.template operator()<bool>();
    case DType::kF32:
      break;
  }
  return f.template operator()<float>();
}

}  // namespace ingot
