// Values, sizes and types on the command line of softmetal's tools.
#include <cstring>
#include <limits>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "softmetal/tool/values.hpp"

namespace softmetal::tool {
namespace {

using ::testing::ElementsAre;

template <class T>
std::vector<T> values(const char* text) {
  const std::vector<std::byte> bytes = parse_values("--bytes", text);
  std::vector<T> result(bytes.size() / sizeof(T));
  EXPECT_EQ(bytes.size() % sizeof(T), 0u);
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

bool is_refused(const char* text) {
  try {
    parse_values("--bytes", text);
    return false;
  } catch (const ingot::Error& error) {
    EXPECT_EQ(error.subject(), "--bytes");
    return true;
  }
}

TEST(SoftMetalToolValues, IntegersKeepEveryBit) {
  EXPECT_THAT(values<std::int8_t>("i8:-128,127"), ElementsAre(-128, 127));
  EXPECT_THAT(values<std::uint8_t>("u8:255,0xff"), ElementsAre(255, 255));
  EXPECT_THAT(values<std::int16_t>("i16:-32768"), ElementsAre(-32768));
  EXPECT_THAT(values<std::uint16_t>("u16:65535"), ElementsAre(65535));
  EXPECT_THAT(values<std::uint32_t>("u32:4294967295"), ElementsAre(4294967295u));
  EXPECT_THAT(values<std::int64_t>("i64:-9223372036854775808"),
              ElementsAre(std::numeric_limits<std::int64_t>::min()));
  EXPECT_THAT(values<std::uint64_t>("u64:18446744073709551615"),
              ElementsAre(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_THAT(values<std::uint8_t>("bool:true,0,false,1"), ElementsAre(1, 0, 0, 1));
}

TEST(SoftMetalToolValues, RealsAreRoundedToNearest) {
  EXPECT_THAT(values<float>("f32:0.1,-inf"),
              ElementsAre(0.1f, -std::numeric_limits<float>::infinity()));
  EXPECT_THAT(values<std::uint16_t>("f16:1.5,65504,0.333251953125"),
              ElementsAre(0x3e00, 0x7bff, 0x3555));
  EXPECT_THAT(values<std::uint16_t>("bf16:1,-2,1.00390625"), ElementsAre(0x3f80, 0xc000, 0x3f80));
  EXPECT_NE(values<float>("f32:nan")[0], values<float>("f32:nan")[0]);
}

TEST(SoftMetalToolValues, HexIsInTheOrderOfMemory) {
  EXPECT_THAT(values<std::uint8_t>("hex:00fF10"), ElementsAre(0x00, 0xff, 0x10));
}

TEST(SoftMetalToolValues, WhatDoesNotFitIsRefused) {
  for (const char* text : {"u8:256",
                           "u32:-1",
                           "i8:128",
                           "u32:1.5",
                           "u32:",
                           "u32",
                           "f32:",
                           "f32:1e39",
                           "f16:65520",
                           "f32:1x",
                           "bool:2",
                           "f64:1",
                           "hex:",
                           "hex:1",
                           "hex:0g",
                           "hex:123",
                           "",
                           ":1",
                           "u32:1 2"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(SoftMetalToolValues, SizesAndShapes) {
  EXPECT_EQ(parse_size("--grid", "256").x, 256u);
  EXPECT_EQ(parse_size("--grid", "256").z, 1u);
  EXPECT_EQ(parse_size("--grid", "4,5,6").z, 6u);
  for (const char* text : {"", "0", "4,0", "-1", "1,2,3,4", "4x4", "4294967296", "1.5"}) {
    EXPECT_THROW(parse_size("--grid", text), ingot::Error) << text;
  }
  EXPECT_EQ(parse_shape("--out", "16x8"), ingot::Shape({16, 8}));
  EXPECT_THROW(parse_shape("--out", "16,8"), ingot::Error);
  EXPECT_THROW(parse_shape("--out", ""), ingot::Error);
}

TEST(SoftMetalToolValues, SlotsAreIndicesOrNames) {
  EXPECT_EQ(parse_slot("12").name(), nullptr);
  EXPECT_EQ(parse_slot("12").index(), 12u);
  EXPECT_EQ(*parse_slot("x0").name(), "x0");
}

TEST(SoftMetalToolValues, ConstantsAreScalarsOrVectors) {
  const std::vector<Constant> constants =
      parse_constants({"3=u32:7", "use_bias=bool:true", "size=f32:1,2,3", "4=bf16:1,2"});
  ASSERT_EQ(constants.size(), 4u);
  EXPECT_EQ(constants[0].type, MTL::DataTypeUInt);
  EXPECT_EQ(constants[0].slot.index(), 3u);
  EXPECT_EQ(constants[1].type, MTL::DataTypeBool);
  EXPECT_EQ(*constants[1].slot.name(), "use_bias");
  EXPECT_EQ(constants[2].type, MTL::DataTypeFloat3);
  EXPECT_EQ(constants[2].value.size(), 16u);  // as large as a float4
  EXPECT_EQ(constants[3].type, MTL::DataTypeBFloat2);
  EXPECT_THROW(parse_constants({"3"}), ingot::Error);
  EXPECT_THROW(parse_constants({"3=7"}), ingot::Error);
  EXPECT_THROW(parse_constants({"3=f32:1,2,3,4,5"}), ingot::Error);
}

}  // namespace
}  // namespace softmetal::tool
