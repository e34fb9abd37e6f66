// ingot msl: what the compiler sees beside errors, and what shaders say themselves.
#include "core/npy.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

class MslMessages : public ProgramTest {
 protected:
  MslMessages() {
    write("v.metal",
          "#include <metal_stdlib>\n#include <metal_logging>\nusing namespace metal;\n"
          "template <class T> T half_of(T x) {\n  T two;\n  return x / two;\n}\n"
          "kernel void a(device float* x [[buffer(0)]]) { x[0] = half_of(x[1]); }\n"
          "kernel void b(device float* x [[buffer(0)]], uint i [[thread_position_in_grid]]) {\n"
          "  int k;\n  if (i == 0) { k = 1; }\n  x[i] = half_of(x[i]) + k;\n"
          "  os_log_default.log(\"thread %u\", i);\n}\n");
  }

  static constexpr const char* kRun =
      "ingot msl run v.metal --kernel b --grid 2 --threads 2 --out x=:f32:2 ";
};

TEST_F(MslMessages, VariablesWithoutAValueAreWarnings) {
  const Outcome outcome = shell("ingot msl check v.metal --json");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const nlohmann::json reports = outcome.json()["reports"];
  ASSERT_EQ(reports.size(), 2u) << reports.dump(1);  // two kernels share the helper
  for (const nlohmann::json& report : reports) {
    EXPECT_EQ(report["severity"], "warning");
    EXPECT_EQ(report["rule"], "uninitialised");
  }
  EXPECT_EQ(reports[0]["line"], 6);
  EXPECT_EQ(reports[0]["column"], 14);
  EXPECT_EQ(reports[1]["line"], 12);
  EXPECT_NE(shell("ingot msl check v.metal").err.find("v.metal:6:14: warning: variable 'two' is"),
            std::string::npos);
}

TEST_F(MslMessages, TheCheckReportsThemWhenTheKernelRuns) {
  const Outcome outcome = shell(std::string(kRun) + "--check uninitialised");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("v.metal:6:14: error: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("v.metal:12:26: advice: "), std::string::npos) << outcome.err;
  EXPECT_EQ(shell(std::string(kRun) + "--check race").exit_code, 0);
}

TEST_F(MslMessages, ShadersLogWhenAskedTo) {
  EXPECT_EQ(shell(kRun).err.find("thread 0"), std::string::npos);
  const std::string log = shell(std::string("MTL_LOG_TO_STDERR=1 ") + kRun).err;
  EXPECT_NE(log.find("notice: thread 0\nnotice: thread 1\n"), std::string::npos) << log;
}

}  // namespace
}  // namespace ingot
