#include "ingot/dtype.hpp"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

TEST(DType, NamesAndSizesAgreeWithTheCppTypes) {
  for (const DType dtype : kAllDTypes) {
    EXPECT_EQ(parse_dtype(to_string(dtype)), dtype);
    EXPECT_EQ(size_of(dtype), visit(dtype, []<class T>() { return sizeof(T); }));
    EXPECT_EQ(dtype, visit(dtype, []<class T>() { return dtype_of<T>; }));
  }
  EXPECT_EQ(size_of(DType::kBF16), 2u);
  EXPECT_EQ(size_of(DType::kU64), 8u);
}

TEST(DType, UnknownNameIsRejectedWithTheChoices) {
  try {
    parse_dtype("float32");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(error.remedy().find("bf16"), std::string::npos);
  }
}

TEST(BFloat16, RoundsToNearestEven) {
  const auto round = [](float value) { return static_cast<float>(bfloat16(value)); };
  EXPECT_EQ(round(1.0f), 1.0f);
  EXPECT_EQ(round(0x1.01p0f), 0x1.00p0f);    // halfway, to even
  EXPECT_EQ(round(0x1.03p0f), 0x1.04p0f);    // halfway, to even
  EXPECT_EQ(round(0x1.0102p0f), 0x1.02p0f);  // above halfway
  EXPECT_TRUE(std::signbit(round(-0.0f)));
  EXPECT_EQ(round(std::numeric_limits<float>::infinity()), std::numeric_limits<float>::infinity());
  EXPECT_EQ(round(0x1.fffffep127f), std::numeric_limits<float>::infinity());
  EXPECT_EQ(round(0x1p-133f), 0x1p-133f);  // the smallest subnormal
}

TEST(BFloat16, EveryNanStaysNan) {
  for (const uint32_t payload : {0x7f800001u, 0x7fffffffu, 0xff800001u, 0x7f80ffffu}) {
    EXPECT_TRUE(std::isnan(static_cast<float>(bfloat16(std::bit_cast<float>(payload)))));
  }
}

}  // namespace
}  // namespace ingot
