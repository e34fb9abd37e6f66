// Reading small texts.
#include "core/text.hpp"

#include <clocale>
#include <cmath>
#include <limits>

#include "gtest/gtest.h"

#include "gmock/gmock.h"

namespace ingot {
namespace {

using testing::Optional;

TEST(Text, RealsAreReadWhole) {
  EXPECT_THAT(parse_real("2"), Optional(2.0));
  EXPECT_THAT(parse_real("-0.5"), Optional(-0.5));
  EXPECT_THAT(parse_real("+.5"), Optional(0.5));
  EXPECT_THAT(parse_real("1."), Optional(1.0));
  EXPECT_THAT(parse_real("1e-3"), Optional(1e-3));
  EXPECT_THAT(parse_real("0.1"), Optional(0.1));  // the nearest double
  EXPECT_THAT(parse_real("1.7976931348623157e308"), Optional(std::numeric_limits<double>::max()));
  EXPECT_THAT(parse_real("5e-324"), Optional(std::numeric_limits<double>::denorm_min()));
  EXPECT_THAT(parse_real("1e-999"), Optional(0.0));
  EXPECT_THAT(parse_real("-inf"), Optional(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(parse_real("nan").value()));
  EXPECT_TRUE(std::signbit(parse_real("-0").value()));
}

TEST(Text, WhatIsNoRealIsNotRead) {
  for (const std::string_view text :
       {"",      " 1",       "1 ",     "1x",  "x1",    "0x10",   "1e",
        "e5",    ".",        "+",      "--1", "+-1",   "1,5",    "1.2.3",
        "1e1e1", "infinity", "nan(1)", "Inf", "1e999", "-1e999", "1_000"}) {
    EXPECT_EQ(parse_real(text), std::nullopt) << "'" << text << "'";
  }
  EXPECT_EQ(parse_real(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_THAT(parse_real(std::string_view("12345", 2)), Optional(12.0));  // no terminator needed
}

TEST(Text, TheDecimalPointIsAPointInEveryLocale) {
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr &&
      std::setlocale(LC_NUMERIC, "fr_FR.UTF-8") == nullptr) {
    GTEST_SKIP() << "no locale with a decimal comma is installed";
  }
  EXPECT_THAT(parse_real("1.5"), Optional(1.5));
  EXPECT_EQ(parse_real("1,5"), std::nullopt);
  std::setlocale(LC_NUMERIC, "C");
}

TEST(Text, LettersChangeTheirCaseAndOtherBytesDoNot) {
  EXPECT_EQ(lower_case("AbZ_09@[`{\xc3\x84"), "abz_09@[`{\xc3\x84");
  EXPECT_EQ(upper_case("aBz_09@[`{\xc3\xa4"), "ABZ_09@[`{\xc3\xa4");
}

}  // namespace
}  // namespace ingot
