// Values of the attributes in .debug_info: DWARF 5, section 7.5.6.
#pragma once

#include <cstdint>
#include <string_view>

#include "softmetal/byte_reader.hpp"

namespace softmetal {

/// How a value is encoded.
enum class DebugForm : std::uint64_t {
  kAddr = 0x01,
  kBlock2 = 0x03,
  kBlock4 = 0x04,
  kData2 = 0x05,
  kData4 = 0x06,
  kData8 = 0x07,
  kString = 0x08,
  kBlock = 0x09,
  kBlock1 = 0x0a,
  kData1 = 0x0b,
  kFlag = 0x0c,
  kSdata = 0x0d,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kRefAddr = 0x10,
  kRef1 = 0x11,
  kRef2 = 0x12,
  kRef4 = 0x13,
  kRef8 = 0x14,
  kRefUdata = 0x15,
  kSecOffset = 0x17,
  kExprloc = 0x18,
  kFlagPresent = 0x19,
  kStrx = 0x1a,
  kAddrx = 0x1b,
  kData16 = 0x1e,
  kLineStrp = 0x1f,
  kImplicitConst = 0x21,
  kLoclistx = 0x22,
  kRnglistx = 0x23,
  kStrx1 = 0x25,
  kStrx2 = 0x26,
  kStrx3 = 0x27,
  kStrx4 = 0x28,
  kAddrx1 = 0x29,
  kAddrx2 = 0x2a,
  kAddrx3 = 0x2b,
  kAddrx4 = 0x2c,
};

/// A value as it is encoded, before anything is looked up in another section.
struct DebugValue {
  /// Takes a value from the front of `from`. Offsets into sections have `offset_bytes`. Throws
  /// Damaged for forms that compilers do not give to the entries of functions.
  static DebugValue read(ByteReader& from, DebugForm form, unsigned offset_bytes);

  /// Whether it is an address or the index of one.
  bool is_address() const;
  /// Whether it is the index of an offset into the section of strings.
  bool is_string_index() const;
  /// Whether it is the offset of another entry, counted from the unit's begin.
  bool is_offset_in_unit() const;

  DebugForm form = DebugForm::kFlag;
  std::uint64_t number = 0;
  std::string_view text;  // of DebugForm::kString
};

/// An integer of up to 8 bytes.
std::uint64_t take_integer(ByteReader& from, unsigned bytes);

}  // namespace softmetal
