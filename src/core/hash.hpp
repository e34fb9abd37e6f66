// A 128-bit content hash for cache keys and damage checks. Not cryptographic: it guards against accidents, not attackers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ingot {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// 32 lower-case hexadecimal digits.
  std::string hex() const;
  bool operator==(const Hash128&) const = default;
};

/// Hashes a sequence of fields. Each field's length is hashed too, so ("ab", "c") and ("a", "bc") differ.
/// The algorithm is FNV-1a with its published 128-bit prime and offset basis, eight bytes a step instead of one (which
/// is why its values differ from the published byte-wise ones), and a final avalanche.
class Hasher {
 public:
  Hasher& add(std::string_view bytes);
  Hasher& add(std::uint64_t value);
  Hash128 finish() const;

 private:
  void mix(std::uint64_t word);

  std::uint64_t high_ = 0x6c62272e07bb0142;
  std::uint64_t low_ = 0x62b821756295c58d;
};

/// The hash of one field.
inline Hash128 hash128(std::string_view bytes) { return Hasher().add(bytes).finish(); }

}  // namespace ingot
