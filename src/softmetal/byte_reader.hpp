// Reads the encodings of DWARF 5 (section 7.6) from memory that may hold anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace softmetal {

/// Thrown where the data ends too early or cannot be what it claims to be.
struct Damaged {
  const char* what;
};

/// Takes values from the front of a range of little-endian bytes. Every function throws Damaged
/// when the range is too short.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  /// How many bytes are left.
  std::size_t size() const { return rest_.size(); }

  std::span<const std::byte> bytes(std::uint64_t count) {
    if (count > rest_.size()) {
      throw Damaged{"it is cut short"};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  /// An integer or a plain structure.
  template <class T>
  T value() {
    T result;
    std::memcpy(&result, bytes(sizeof result).data(), sizeof result);
    return result;
  }

  /// An unsigned LEB128 number; bits above the 64th are dropped.
  std::uint64_t uleb() {
    std::uint64_t result = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = value<std::uint8_t>();
      result |= shift < 64 ? std::uint64_t{byte & 0x7fu} << shift : 0;
      if ((byte & 0x80) == 0) {
        return result;
      }
    }
  }

  /// A signed LEB128 number, as uleb().
  std::int64_t sleb() {
    std::uint64_t result = 0;
    for (unsigned shift = 0;;) {
      const auto byte = value<std::uint8_t>();
      result |= shift < 64 ? std::uint64_t{byte & 0x7fu} << shift : 0;
      shift += 7;
      if ((byte & 0x80) == 0) {
        const bool is_negative = (byte & 0x40) != 0;
        result |= is_negative && shift < 64 ? ~std::uint64_t{0} << shift : 0;
        return static_cast<std::int64_t>(result);
      }
    }
  }

  /// Characters up to a zero byte, which is taken too.
  std::string_view string() {
    const void* end = rest_.empty() ? nullptr : std::memchr(rest_.data(), 0, rest_.size());
    if (end == nullptr) {
      throw Damaged{"a string has no end"};
    }
    const auto length = static_cast<std::size_t>(static_cast<const std::byte*>(end) - rest_.data());
    return {reinterpret_cast<const char*>(bytes(length + 1).data()), length};
  }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace softmetal
