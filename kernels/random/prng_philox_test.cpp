#include <array>

#include "gtest/gtest.h"

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

using Words = std::array<uint32_t, 4>;

// Straight from the paper's definition: the two products' words, crossed, under a key that grows by
// the golden ratio and sqrt(3) - 1.
Words philox(Words c, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ key[0],
         static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ key[1],
         static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

// Random123's known answers hold the oracle itself to the definition.
void check_oracle() {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

void check_case(Check& check, int64_t n, uint64_t seed, uint64_t offset) {
  std::vector<int64_t> wanted;
  wanted.reserve(static_cast<size_t>(4 * n));
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t counter = offset + static_cast<uint64_t>(i);
    const Words block =
        philox({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0},
               {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    wanted.insert(wanted.end(), block.begin(), block.end());
  }
  check.run({},
            {{"n", n}, {"seed", seed}, {"offset", offset}},
            {exact_integers("y", {n, 4}, std::move(wanted))});
}

void check_philox(Check& check) {
  check_oracle();
  for (const int64_t n : {0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 255, 256, 257, 1025, 100'003}) {
    check_case(check, n, 0, 0);
    check_case(check, n, check.random()(), check.random()());
  }
  check_case(check, 1000, 0, 0xffffff00);  // the carry into the counter's high word
  check_case(check, 1000, ~uint64_t{0}, ~uint64_t{0} - 9);  // the counter wraps at 2^64
  check_case(check, 100, 0x299f31d0'a4093822, 0x85a308d3'243f6a88);
  check_case(check, 100, uint64_t{1} << 63, uint64_t{1} << 63);
  // The first known answer, reached by the defaults.
  check.run({},
            {{"n", 1}},
            {exact_integers("y", {1, 4}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8})});
  check.rejects({}, {{"n", -1}}, "n");
  check.rejects({}, {}, "n");
  check.rejects({}, {{"n", 4}, {"seed", 0.5}}, "seed");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(prng_philox, ingot::conformance::check_philox);
