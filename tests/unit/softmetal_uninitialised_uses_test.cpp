// Variables that are read before they have a value, in registers as well as in memory.
#include "gmock/gmock.h"
#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UninitialisedUses : public Checked {
 protected:
  std::vector<Finding> run_body(const std::string& body) {
    const auto state = checked(
        "kernel void f(device float* y, uint i [[thread_position_in_grid]]) {\n" + body + "\n}");
    const auto y = buffer(std::vector<float>(64));
    return find(state.get(), {y.get()}, MTL::Size(64, 1, 1), MTL::Size(32, 1, 1));
  }
};

TEST_F(UninitialisedUses, AVariableWithoutAValueIsAnError) {
  const auto findings =
      run_body("float sum;\nfor (uint k = 0; k < 4; ++k) {\n  sum += k;\n}\ny[i] = sum;");
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings[0].check, Check::kUninitialised);
  EXPECT_FALSE(findings[0].is_advice);
  EXPECT_EQ(findings[0].kernel, "f");
  EXPECT_EQ(to_string(findings[0].place), "program_source:4:3");
  EXPECT_THAT(findings[0].message, HasSubstr("variable 'sum'"));
  EXPECT_THAT(failure_, HasSubstr("[uninitialised]"));
}

// The compiler cannot know which way the kernel takes.
TEST_F(UninitialisedUses, AValueOnSomeWaysOnlyIsAdvice) {
  const auto findings = run_body("float v;\nif (i == 0) {\n  v = 1;\n}\ny[i] = v;");
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_TRUE(findings[0].is_advice);
  EXPECT_EQ(to_string(findings[0].place), "program_source:6:8");
  EXPECT_THAT(findings[0].message, HasSubstr("at program_source:3:5"));
  EXPECT_EQ(failure_, "");
  // In a loop that may not run.
  EXPECT_THAT(run_body("half v;\nfor (uint k = 0; k < i; ++k) { v = k; }\ny[i] = v;"), SizeIs(1));
}

TEST_F(UninitialisedUses, HelpersAndTemplatesAreLookedInto) {
  const auto state = checked(
      "template <class T> T twice(T x) {\n  T r;\n  return r + x;\n}\n"
      "kernel void f(device float* y, uint i [[thread_position_in_grid]]) {\n"
      "  y[i] = twice(1.0f) + twice(half(1)) + twice(2);\n}");
  const auto y = buffer(std::vector<float>(64));
  const auto findings = find(state.get(), {y.get()}, MTL::Size(64, 1, 1), MTL::Size(32, 1, 1));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);  // one place, three instances
  EXPECT_EQ(findings[0].place.line, 3u);
}

TEST_F(UninitialisedUses, TheSecondBuildComesFromTheCacheAndSaysTheSame) {
  const std::string body = "int v;\ny[i] = v;";
  EXPECT_THAT(run_body(body), SizeIs(1));
  EXPECT_THAT(run_body(body), SizeIs(1));
}

TEST_F(UninitialisedUses, RightCodeIsSilent) {
  EXPECT_THAT(run_body("float v;\nif (i == 0) { v = 1; } else { v = 2; }\ny[i] = v;"), IsEmpty());
  EXPECT_THAT(run_body("float v[4];\nfor (uint k = 0; k < 4; ++k) { v[k] = k; }\ny[i] = v[i % 4];"),
              IsEmpty());
  EXPECT_THAT(run_body("float4 v;\nv.xy = float2(1);\nv.zw = float2(2);\ny[i] = v.x + v.w;"),
              IsEmpty());
  EXPECT_THAT(run_body("float c, s = sincos(float(i), c);\nint e;\nfloat m = frexp(s, e);\n"
                       "y[i] = c + m + e;"),
              IsEmpty());
}

TEST_F(UninitialisedUses, OnlyWhenAskedFor) {
  Options options = all_checks();
  options.checks = CheckSet::all().without(Check::kUninitialised);
  set_options(options);
  EXPECT_THAT(run_body("int v;\ny[i] = v;"), IsEmpty());
  EXPECT_EQ(failure_, "");
}

}  // namespace
}  // namespace softmetal::testing
