// Binding arguments to a record: what is accepted, what is refused and with which words.
#include "runtime/call.hpp"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

#include "ingot/tensor.hpp"

namespace ingot {
namespace {

const KernelRecord kRecord = {
    .id = "TEST_KERNEL",
    .metal_function = "test_kernel",
    .domain = "Test",
    .summary = "",
    .formula = "",
    .source = "",
    .inputs =
        {{.name = "x", .dtypes = "f32 f16", .shape = "[..., n]", .summary = "rows"},
         {.name = "w", .dtypes = "=x", .shape = "[n]", .summary = "weights", .optional = true},
         {.name = "pairs", .dtypes = "f32", .shape = "[m, 2]", .summary = "", .optional = true}},
    .params =
        {{.name = "k",
          .type = ParamType::kInteger,
          .fallback = "",
          .summary = "how many",
          .least = 1},
         {.name = "eps", .type = ParamType::kReal, .fallback = "1e-5", .summary = "", .least = 0},
         {.name = "axis", .type = ParamType::kInteger, .fallback = "none", .summary = ""},
         {.name = "mode",
          .type = ParamType::kChoice,
          .fallback = "full",
          .summary = "",
          .choices = "full same"},
         {.name = "sorted", .type = ParamType::kFlag, .fallback = "true", .summary = ""}},
    .outputs = {{.name = "y", .dtypes = "=x", .shape = "[..., k]", .summary = ""},
                {.name = "indices", .dtypes = "i64", .shape = "[..., k]", .summary = ""}},
    .infer = nullptr,
    .cost = nullptr,
    .sample = nullptr,
    .launch = nullptr,
    .cpu = nullptr,
};

class CallTest : public testing::Test {
 protected:
  Tensor tensor(const Shape& shape, DType dtype = DType::kF32) {
    const std::vector<std::byte> zeros(static_cast<size_t>(shape.elements()) * size_of(dtype));
    return backend_.copy_from_host(zeros.data(), zeros.size(), dtype, shape);
  }

  void expect_refused(const std::vector<NamedTensor>& inputs,
                      const std::vector<NamedValue>& params,
                      const std::string& words) {
    try {
      Call(kRecord, inputs, params);
      FAIL() << "was accepted; expected: " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }

  Backend backend_ = init_backend(BackendPreference::kCpu);
};

TEST_F(CallTest, BindsShapesParametersAndDefaults) {
  const Call call(
      kRecord, {{"x", tensor({2, 3, 7})}, {"w", tensor({7})}}, {{"k", 4}, {"mode", "same"}});
  EXPECT_EQ(call.extent("n"), 7);
  EXPECT_EQ(call.batch(), 6);
  EXPECT_EQ(call.integer("k"), 4);
  EXPECT_EQ(call.real("eps"), 1e-5);
  EXPECT_EQ(call.choice("mode"), "same");
  EXPECT_TRUE(call.flag("sorted"));
  EXPECT_FALSE(call.has_param("axis"));
  EXPECT_EQ(*call.outputs()[0].shape, (Shape{2, 3, 4}));
  EXPECT_EQ(call.outputs()[0].dtype, DType::kF32);
  EXPECT_EQ(call.outputs()[1].dtype, DType::kI64);
}

TEST_F(CallTest, OptionalInputMayBeAbsent) {
  EXPECT_FALSE(Call(kRecord, {{"x", tensor({7})}}, {{"k", 1}}).has("w"));
}

TEST_F(CallTest, ANumberInAShapeStandsForItself) {
  const std::vector<NamedValue> params = {{"k", 1}};
  EXPECT_EQ(Call(kRecord, {{"x", tensor({7})}, {"pairs", tensor({5, 2})}}, params).extent("m"), 5);
  expect_refused(
      {{"x", tensor({7})}, {"pairs", tensor({5, 3})}}, params, "the shape must be [m, 2]");
}

TEST_F(CallTest, AnIntegerServesAsAReal) {
  EXPECT_EQ(Call(kRecord, {{"x", tensor({7})}}, {{"k", 1}, {"eps", 2}}).real("eps"), 2.0);
}

TEST_F(CallTest, RefusesInputs) {
  expect_refused({}, {{"k", 1}}, "TEST_KERNEL: x: this input must be given");
  expect_refused({{"z", tensor({7})}}, {{"k", 1}}, "the inputs are: x, w, pairs");
  expect_refused(
      {{"x", tensor({7}, DType::kI32)}}, {{"k", 1}}, "dtype i32 is not supported (use f32 f16)");
  expect_refused({{"x", tensor({})}}, {{"k", 1}}, "rank 0 (the shape must be [..., n])");
  expect_refused({{"x", tensor({7})}, {"w", tensor({6})}}, {{"k", 1}}, "gives n = 6, but n is 7");
  expect_refused(
      {{"x", tensor({7})}, {"w", tensor({7}, DType::kF16)}}, {{"k", 1}}, "must be f32 as x");
}

TEST_F(CallTest, RefusesParameters) {
  const std::vector<NamedTensor> inputs = {{"x", tensor({7})}};
  expect_refused(inputs, {}, "k: this parameter must be given");
  expect_refused(inputs, {{"k", 0}}, "the least is 1");
  expect_refused(inputs, {{"k", 1.5}}, "is not an integer");
  expect_refused(inputs, {{"k", 1}, {"q", 2}}, "the parameters are: k, eps, axis, mode, sorted");
  expect_refused(inputs, {{"k", 1}, {"mode", "half"}}, "use one of: full same");
  expect_refused(inputs, {{"k", 1}, {"sorted", 1}}, "is not a flag");
  expect_refused(inputs, {{"k", 1}, {"eps", std::nan("")}}, "out of range");
}

TEST_F(CallTest, ReadsParameterTexts) {
  const auto parse = [](size_t param, std::string_view text) {
    return parse_value(kRecord.params[param], text).get();
  };
  EXPECT_EQ(std::get<int64_t>(parse(0, "-12")), -12);
  EXPECT_EQ(std::get<double>(parse(1, "2.5e-3")), 2.5e-3);
  EXPECT_EQ(std::get<bool>(parse(4, "false")), false);
  for (const std::string_view bad : {"", "1x", "x", "99999999999999999999", "1.0"}) {
    EXPECT_THROW(parse(0, bad), Error) << bad;
  }
  try {
    parse(0, "9223372036854775808");
    ADD_FAILURE() << "an integer above the greatest was read";
  } catch (const Error& error) {
    EXPECT_NE(error.problem().find("to 9223372036854775807"), std::string::npos);
  }
  EXPECT_THROW(parse(1, ""), Error);
  EXPECT_THROW(parse(1, "1,5"), Error);
  EXPECT_THROW(parse(4, "yes"), Error);
}

}  // namespace
}  // namespace ingot
