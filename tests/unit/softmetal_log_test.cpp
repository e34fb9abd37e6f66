// metal::os_log: what shaders log, and what becomes of it.
#include <cstdlib>

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/shader_log.hpp"
#include "softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;

LogArgument integers(LogArgument::Kind kind, std::initializer_list<long> values) {
  LogArgument argument{kind, static_cast<unsigned char>(values.size()), {}};
  std::copy(values.begin(), values.end(), argument.integers);
  return argument;
}

LogArgument floats(std::initializer_list<float> values) {
  LogArgument argument{LogArgument::kFloating, static_cast<unsigned char>(values.size()), {}};
  std::copy(values.begin(), values.end(), argument.floats);
  return argument;
}

std::string text_with(const char* format, const std::vector<LogArgument>& arguments) {
  return text_of({LogLevel::kInfo,
                  nullptr,
                  nullptr,
                  format,
                  arguments.data(),
                  static_cast<unsigned>(arguments.size())});
}

TEST(ShaderLog, FillsInWhatTheFormatAsksFor) {
  const LogArgument minus = integers(LogArgument::kSigned, {-3});
  const LogArgument large = integers(LogArgument::kUnsigned, {4294967295});
  EXPECT_EQ(text_with("no argument, 100%%", {}), "no argument, 100%");
  EXPECT_EQ(text_with("%d|%5d|%-5i|%05d", {minus, minus, minus, minus}), "-3|   -3|-3   |-0003");
  EXPECT_EQ(text_with("%u %x %lu %hhX", {large, large, large, large}),
            "4294967295 ffffffff 4294967295 FFFFFFFF");
  EXPECT_EQ(
      text_with("%f %.2f %g %e", {floats({0.5f}), floats({0.5f}), floats({0.5f}), floats({0.5f})}),
      "0.500000 0.50 0.5 5.000000e-01");
  EXPECT_EQ(text_with("%v4f and %.1v2hlf", {floats({1, 2, 3, 4}), floats({1, 2})}),
            "1.000000,2.000000,3.000000,4.000000 and 1.0,2.0");
  EXPECT_EQ(
      text_with("%c%p",
                {integers(LogArgument::kSigned, {'x'}), integers(LogArgument::kAddress, {16})}),
      "x0x10");
}

TEST(ShaderLog, AMistakeInTheFormatDoesNoHarm) {
  const LogArgument one = integers(LogArgument::kSigned, {1});
  EXPECT_EQ(text_with("%d %d", {one}), "1 %d");              // an argument short
  EXPECT_EQ(text_with("%d", {floats({1.5f})}), "1.500000");  // another type
  EXPECT_EQ(text_with("%f", {one}), "1");
  EXPECT_EQ(text_with("%s %n", {one, one}), "1 %n");
  EXPECT_EQ(text_with("50%", {one}), "50%");
  EXPECT_EQ(text_with("%", {}), "%");
  EXPECT_EQ(text_with("%99999d", {one}), "%99999d");
  EXPECT_EQ(text_with("%*d", {one}), "%*d");
  EXPECT_EQ(text_with("%999.99f", {floats({-3e38f})}).size(), 999u);
}

class ShaderLogs : public SoftMetal {
 protected:
  std::string logged(const std::string& body) {
    const auto state = pipeline(
        "#include <metal_logging>\nconstant os_log mine(\"app\", \"scan\");\n"
        "kernel void f(device float* y, uint i [[thread_position_in_grid]]) {\n" +
            body + "\n}",
        "f");
    const auto y = buffer(std::vector<float>(4));
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(run(state.get(), {y.get()}, {4, 1, 1}, {4, 1, 1}), "");
    return ::testing::internal::GetCapturedStderr();
  }

  ~ShaderLogs() override { unsetenv("MTL_LOG_TO_STDERR"); }
};

TEST_F(ShaderLogs, GoToStandardErrorWhenAskedFor) {
  const std::string body =
      "mine.log_debug(\"thread %u of %d: %f %f %v2f\", i, -4, half(1.5h), bfloat(2.5bf), float2(1, "
      "i));\n"
      "if (i == 2) { os_log_default.log(\"two\"); mine.log_error(\"%d\", i > 1); }\ny[i] = i;";
  EXPECT_EQ(logged(body), "");
  setenv("MTL_LOG_TO_STDERR", "1", 1);
  EXPECT_EQ(logged(body),
            "debug [app:scan]: thread 0 of -4: 1.500000 2.500000 1.000000,0.000000\n"
            "debug [app:scan]: thread 1 of -4: 1.500000 2.500000 1.000000,1.000000\n"
            "debug [app:scan]: thread 2 of -4: 1.500000 2.500000 1.000000,2.000000\n"
            "notice: two\n"
            "error [app:scan]: 1\n"
            "debug [app:scan]: thread 3 of -4: 1.500000 2.500000 1.000000,3.000000\n");
}

TEST_F(ShaderLogs, AreRightMetalAndFreeOfFindings) {
  Options options;
  options.checks = CheckSet::all();
  options.strict = true;
  const ScopedOptions scope(options);
  EXPECT_EQ(
      logged("mine.log_info(\"%p %u\", y, i);\nsimdgroup_barrier(mem_flags::mem_none);\ny[i] = i;"),
      "");
  EXPECT_EQ(take_findings().size(), 0u);
}

}  // namespace
}  // namespace softmetal::testing
