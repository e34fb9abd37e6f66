#include "softmetal/debug_value.hpp"

#include <algorithm>

namespace softmetal {
namespace {

// How many bytes a number of this form has, or the number of bytes in a block; 0 when that differs.
unsigned fixed_bytes(DebugForm form) {
  switch (form) {
    case DebugForm::kBlock1:
    case DebugForm::kData1:
    case DebugForm::kFlag:
    case DebugForm::kRef1:
    case DebugForm::kStrx1:
    case DebugForm::kAddrx1:
      return 1;
    case DebugForm::kBlock2:
    case DebugForm::kData2:
    case DebugForm::kRef2:
    case DebugForm::kStrx2:
    case DebugForm::kAddrx2:
      return 2;
    case DebugForm::kStrx3:
    case DebugForm::kAddrx3:
      return 3;
    case DebugForm::kBlock4:
    case DebugForm::kData4:
    case DebugForm::kRef4:
    case DebugForm::kStrx4:
    case DebugForm::kAddrx4:
      return 4;
    case DebugForm::kAddr:
    case DebugForm::kData8:
    case DebugForm::kRef8:
      return 8;
    default:
      return 0;
  }
}

bool is_block(DebugForm form) {
  return form == DebugForm::kBlock || form == DebugForm::kBlock1 || form == DebugForm::kBlock2 ||
         form == DebugForm::kBlock4 || form == DebugForm::kExprloc;
}

}  // namespace

std::uint64_t take_integer(ByteReader& from, unsigned bytes) {
  std::uint64_t result = 0;
  std::ranges::copy(from.bytes(bytes), reinterpret_cast<std::byte*>(&result));
  return result;
}

DebugValue DebugValue::read(ByteReader& from, DebugForm form, unsigned offset_bytes) {
  DebugValue value{.form = form, .number = 0, .text = {}};
  if (const unsigned bytes = fixed_bytes(form); bytes != 0) {
    value.number = take_integer(from, bytes);
  } else {
    switch (form) {
      case DebugForm::kBlock:
      case DebugForm::kUdata:
      case DebugForm::kRefUdata:
      case DebugForm::kExprloc:
      case DebugForm::kStrx:
      case DebugForm::kAddrx:
      case DebugForm::kLoclistx:
      case DebugForm::kRnglistx:
        value.number = from.uleb();
        break;
      case DebugForm::kSdata:
        value.number = static_cast<std::uint64_t>(from.sleb());
        break;
      case DebugForm::kStrp:
      case DebugForm::kRefAddr:
      case DebugForm::kSecOffset:
      case DebugForm::kLineStrp:
        value.number = take_integer(from, offset_bytes);
        break;
      case DebugForm::kString:
        value.text = from.string();
        break;
      case DebugForm::kData16:
        from.bytes(16);
        break;
      case DebugForm::kFlagPresent:
      case DebugForm::kImplicitConst:  // stands where the form does
        break;
      default:
        throw Damaged{"an attribute has an unknown form"};
    }
  }
  if (is_block(form)) {
    from.bytes(value.number);
  }
  return value;
}

bool DebugValue::is_address() const {
  return form == DebugForm::kAddr || form == DebugForm::kAddrx ||
         (form >= DebugForm::kAddrx1 && form <= DebugForm::kAddrx4);
}

bool DebugValue::is_string_index() const {
  return form == DebugForm::kStrx || (form >= DebugForm::kStrx1 && form <= DebugForm::kStrx4);
}

bool DebugValue::is_offset_in_unit() const {
  return form >= DebugForm::kRef1 && form <= DebugForm::kRefUdata;
}

}  // namespace softmetal
