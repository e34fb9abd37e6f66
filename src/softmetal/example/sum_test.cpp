// A shader under softmetal's checks: as it is, and with a barrier taken out.
#include <softmetal/checks.hpp>
#include <softmetal/run.hpp>
#include <string>
#include <vector>

#include "gmock/gmock.h"

TEST(GroupSum, AddsUpEachThreadgroup) {
  const softmetal::ScopedOptions scope({.checks = softmetal::CheckSet::all()});
  softmetal::Kernel kernel(softmetal::Source::file(SHADER), "group_sum");
  const std::vector<float> in(1024, 0.5f);
  std::vector<float> out(4);
  const auto result = kernel.buffer("in", in).out("out", out).dispatch(1024, 256);
  EXPECT_THAT(result.findings, testing::IsEmpty());
  EXPECT_THAT(out, testing::Each(128.0f));
}

TEST(GroupSum, NeedsItsBarrier) {
  const softmetal::ScopedOptions scope({.checks = softmetal::CheckSet::all(), .print = false});
  softmetal::Source source = softmetal::Source::file(SHADER);
  const std::string barrier = "threadgroup_barrier(mem_flags::mem_threadgroup);";
  source.text.erase(source.text.find(barrier), barrier.size());
  softmetal::Kernel kernel(source, "group_sum");
  const std::vector<float> in(1024, 0.5f);
  std::vector<float> out(4);
  const auto result = kernel.buffer("in", in).out("out", out).dispatch(1024, 256);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_THAT(
      result.findings,
      testing::Contains(testing::Field(&softmetal::Finding::check, softmetal::Check::kRace)));
}
