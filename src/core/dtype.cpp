#include "ingot/dtype.hpp"

#include <string>

#include "ingot/error.hpp"

namespace ingot {

size_t size_of(DType dtype) {
  return visit(dtype, []<class T>() { return sizeof(T); });
}

std::string_view to_string(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "f32";
    case DType::kF16:
      return "f16";
    case DType::kBF16:
      return "bf16";
    case DType::kI32:
      return "i32";
    case DType::kU32:
      return "u32";
    case DType::kI64:
      return "i64";
    case DType::kU64:
      return "u64";
    case DType::kI8:
      return "i8";
    case DType::kU8:
      return "u8";
    case DType::kBool:
      break;
  }
  return "bool";
}

DType parse_dtype(std::string_view text) {
  for (const DType dtype : kAllDTypes) {
    if (text == to_string(dtype)) {
      return dtype;
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              "dtype",
              "'" + std::string(text) + "' is not a dtype",
              "use f32, f16, bf16, i32, u32, i64, u64, i8, u8 or bool");
}

bool is_floating_point(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

}  // namespace ingot
