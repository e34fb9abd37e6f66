#include "core/hash.hpp"

#include <cstring>

namespace ingot {
namespace {

// The 128-bit FNV prime is 2^88 + 0x13b.
constexpr std::uint64_t kPrimeLow = 0x13b;
constexpr int kPrimeShift = 88 - 64;

// The finaliser of MurmurHash3: every input bit reaches every output bit.
std::uint64_t avalanche(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccd;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

}  // namespace

std::string Hash128::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[(high >> (4 * i)) & 15];
    text[31 - i] = kDigits[(low >> (4 * i)) & 15];
  }
  return text;
}

void Hasher::mix(std::uint64_t word) {
  low_ ^= word;
  const auto product = static_cast<unsigned __int128>(low_) * kPrimeLow;
  high_ = high_ * kPrimeLow + static_cast<std::uint64_t>(product >> 64) + (low_ << kPrimeShift);
  low_ = static_cast<std::uint64_t>(product);
  // FNV only carries upwards: with whole words the top half must be folded back or high input bits would be lost.
  low_ ^= high_ >> 29;
}

Hasher& Hasher::add(std::string_view bytes) {
  mix(bytes.size());
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    mix(word);
    bytes.remove_prefix(8);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, bytes.data(), bytes.size());
  mix(tail);
  return *this;
}

Hasher& Hasher::add(std::uint64_t value) {
  mix(value);
  return *this;
}

Hash128 Hasher::finish() const {
  const std::uint64_t high = avalanche(high_ ^ avalanche(low_));
  return {high, avalanche(low_ + high)};
}

}  // namespace ingot
