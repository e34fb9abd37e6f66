#include "core/hash.hpp"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace ingot {
namespace {

TEST(Hash, EveryBitOfTheInputCounts) {
  std::set<std::string> seen;
  std::string text(100, 'a');
  seen.insert(hash128(text).hex());
  for (std::size_t byte = 0; byte < text.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      text[byte] = static_cast<char>('a' ^ (1 << bit));
      seen.insert(hash128(text).hex());
      text[byte] = 'a';
    }
  }
  EXPECT_EQ(seen.size(), 801u);
}

TEST(Hash, BothHalvesDependOnEveryByte) {
  std::set<std::uint64_t> high, low;
  for (int byte = 0; byte < 64; ++byte) {
    std::string text(64, '\0');
    text[static_cast<std::size_t>(byte)] = 1;
    high.insert(hash128(text).high);
    low.insert(hash128(text).low);
  }
  EXPECT_EQ(high.size(), 64u);
  EXPECT_EQ(low.size(), 64u);
}

TEST(Hash, FieldsAreKeptApart) {
  EXPECT_NE(Hasher().add("ab").add("c").finish(), Hasher().add("a").add("bc").finish());
  EXPECT_NE(Hasher().add("").finish(), Hasher().finish());
  EXPECT_NE(hash128(std::string(7, '\0')), hash128(std::string(8, '\0')));
  EXPECT_EQ(Hasher().add("ab").add(std::uint64_t{3}).finish(),
            Hasher().add("ab").add(std::uint64_t{3}).finish());
}

TEST(Hash, HexHas32Digits) {
  EXPECT_EQ((Hash128{0x0123456789abcdef, 0xf}.hex()), "0123456789abcdef000000000000000f");
}

}  // namespace
}  // namespace ingot
