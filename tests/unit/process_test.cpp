#include "core/process.hpp"

#include <signal.h>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Process, CapturesBothOutputsAndTheExitCode) {
  const auto result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"}, seconds(20));
  EXPECT_EQ(result.output, "out\nerr\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, ArgumentsAreNotInterpreted) {
  const auto result = run_process({"printf", "%s|", "a b", "$HOME", "'\"", ""}, seconds(20));
  EXPECT_EQ(result.output, "a b|$HOME|'\"||");
}

TEST(Process, TakesMoreOutputThanAPipeHolds) {
  const auto result = run_process({"head", "-c", "1000000", "/dev/zero"}, seconds(20));
  EXPECT_EQ(result.output.size(), 1000000u);
}

TEST(Process, StandardInputIsEmpty) {
  EXPECT_EQ(run_process({"cat"}, seconds(20)).output, "");
}

TEST(Process, KillsWhatTakesTooLong) {
  // The child's own child holds the pipe, too.
  const auto result = run_process({"sh", "-c", "echo begun; sleep 1000 & wait"}, milliseconds(300));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
  EXPECT_EQ(result.output, "begun\n");
}

TEST(Process, KeepsTheOutputsApartAndRunsElsewhere) {
  const auto result = run_process({"sh", "-c", "pwd; echo err >&2"},
                                  ProcessOptions{.timeout = seconds(20), .directory = "/"});
  EXPECT_EQ(result.output, "/\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_FALSE(result.stopped || result.timed_out || result.too_much);
}

TEST(Process, KillsWhatWritesTooMuch) {
  const auto result = run_process({"cat", "/dev/zero"},
                                  ProcessOptions{.timeout = seconds(20), .most_output = 100000});
  EXPECT_TRUE(result.too_much);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
}

TEST(Process, KillsWhatIsStopped) {
  std::stop_source source;
  source.request_stop();
  const auto result = run_process(
      {"sleep", "1000"}, ProcessOptions{.timeout = seconds(20), .stop = source.get_token()});
  EXPECT_TRUE(result.stopped);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
}

TEST(Process, ReportsASignal) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -TERM $$"}, seconds(20)).exit_code, 128 + SIGTERM);
}

TEST(Process, AMissingProgramIsAnError) {
  try {
    run_process({"no-such-program-here"}, seconds(20));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_EQ(error.subject(), "no-such-program-here");
  }
  EXPECT_THROW(run_process({}, seconds(20)), Error);
}

TEST(Process, FindsProgramsInPath) {
  EXPECT_NE(find_in_path("sh").find("/sh"), std::string::npos);
  EXPECT_EQ(find_in_path("no-such-program-here"), "");
}

}  // namespace
}  // namespace ingot
