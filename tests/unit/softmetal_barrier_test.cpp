// The checks "barrier" and "divergence": how the threads of a group come together.
#include <cstdint>

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/checks.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Lines are counted from the one behind the raw string's quote.
constexpr const char* kSource = R"(#include <metal_stdlib>
using namespace metal;
kernel void two_barriers(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i < 10) {
    threadgroup_barrier(mem_flags::mem_device);
    x[i] = 1;
  } else {
    threadgroup_barrier(mem_flags::mem_device);
    x[i] = 2;
  }
}
kernel void returned(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i >= 40) { return; }
  threadgroup_barrier(mem_flags::mem_device);
  x[i] = i;
}
kernel void lanes_wait(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i % 32 < 3) {
    x[i] = simd_sum(1);
  } else {
    x[i] = simd_max(i);
  }
}
kernel void lane_at_barrier(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i != 7) { x[i] = simd_sum(1); }
  threadgroup_barrier(mem_flags::mem_device);
}
kernel void lanes_returned(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i % 32 == 31) { return; }
  x[i] = simd_sum(1);
}
kernel void reads_inactive(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  x[i] = simd_shuffle(i, 40);
}
kernel void barrier_apart(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  if (i & 1) {
    simdgroup_barrier(mem_flags::mem_none);
    x[i] = 1;
  } else {
    simdgroup_barrier(mem_flags::mem_none);
    x[i] = 2;
  }
}
kernel void meets_again(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  uint v = i;
  if (i % 3 == 0) {
    v += simd_broadcast_first(v);
    if (i % 2 == 0) { v += simd_is_first(); }
  }
  const uint behind_if = simd_sum(1);
  for (uint k = 0; k < i % 4; ++k) { v += simd_broadcast_first(k); }
  const uint behind_loop = simd_sum(1);
  switch (i % 5) {
    case 0: v += simd_any(v == 3); break;
    case 2: v += simd_all(v == 3); break;
    case 3: v += simd_is_first();
    default: break;
  }
  x[i] = v == ~0u ? v : behind_if * 10000 + behind_loop * 100 + simd_sum(1);
}
static uint counts() {
  uint r = simd_sum(1u);
  r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u);
  r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u); r += simd_sum(1u);
  return r;
}
kernel void calls_apart(device uint* x, uint i [[thread_index_in_threadgroup]]) {
  uint r;
  if (i % 3 == 0) {
    r = counts();
  } else {
    r = simd_sum(1u) - 21 + counts();
  }
  x[i] = r * 100 + simd_sum(1u);
}
kernel void right(device uint* x, uint i [[thread_index_in_threadgroup]], uint n [[threads_per_threadgroup]]) {
  threadgroup uint shared[32];
  uint v = simd_sum(i);
  for (ushort d = 16; d > 0; d /= 2) { v += simd_shuffle_down(v, d); }
  v += simd_shuffle_up(v, 3) + simd_shuffle_xor(v, 9) + simd_broadcast(v, 31);
  v += quad_sum(v) + simd_prefix_inclusive_sum(v);
  simdgroup_barrier(mem_flags::mem_threadgroup);
  if (i % 32 == 0) { shared[i / 32] = v; }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  // Asking who is here is what these are for.
  if (i % 3 == 0) { v += simd_broadcast_first(v) + popcount(ulong(uint64_t(simd_active_threads_mask()))); }
  if (i % 5 == 0) { v += simd_is_first() + simd_any(v > 3) + quad_all(true); }
  // Whole SIMD-groups and quad-groups may go their own way.
  if (i < 32) { v += simd_sum(v); }
  if (i % 32 < 8) { v += quad_max(v); }
  if (i >= 32) {
    simdgroup_barrier(mem_flags::mem_none);
  } else {
    simdgroup_barrier(mem_flags::mem_device);
  }
  // A barrier in a loop, and one in a function called from two places, by all threads alike.
  for (uint k = 0; k < n / 16; ++k) { threadgroup_barrier(mem_flags::mem_none); }
  if (n > 32) {
    threadgroup_barrier(mem_flags::mem_none);
  } else {
    threadgroup_barrier(mem_flags::mem_device);
  }
  // A barrier between two equal branches stays one, however short the way is.
  if (i == 0) { shared[1] = v; }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (i == 0) { v += shared[1]; }
  x[i] = v + shared[0];
})";

class Meetings : public SoftMetal {
 protected:
  static Options with(CheckSet checks, std::string_view schedule = "") {
    Options options;
    options.checks = checks;
    options.print = false;
    if (!schedule.empty()) {
      options.schedule = Schedule::parse(schedule);
    }
    return options;
  }

  // Runs two groups of 64 threads; the error.
  std::string run_kernel(const std::string& name) {
    const auto x = buffer(std::vector<std::uint32_t>(128));
    return run(pipeline(library_.get(), name).get(), {x.get()}, {128, 1, 1}, {64, 1, 1});
  }

  // The first of so many findings of a kernel under the checks "barrier" and "divergence".
  Finding finding_of(const std::string& name,
                     const std::string& schedule = "",
                     std::size_t count = 1) {
    SCOPED_TRACE(name);
    const ScopedOptions scope(
        with(CheckSet().with(Check::kBarrier).with(Check::kDivergence), schedule));
    const std::string error = run_kernel(name);
    auto findings = take_findings();
    EXPECT_THAT(findings, SizeIs(count));
    findings.resize(1);
    EXPECT_EQ(error.empty(), findings[0].is_advice) << error;
    EXPECT_EQ(findings[0].kernel, name);
    return findings[0];
  }

  NS::SharedPtr<MTL::Library> library_ = library(kSource);
};

TEST_F(Meetings, DifferentBarriersAreAnError) {
  for (const char* schedule : {"", "reverse", "random:1", "adversarial"}) {
    const Finding finding = finding_of("two_barriers", schedule);
    EXPECT_EQ(finding.check, Check::kBarrier);
    EXPECT_EQ(finding.place.line, 5u);
    EXPECT_EQ(finding.count, 2u);  // groups
    ASSERT_THAT(finding.accesses, SizeIs(2));
    EXPECT_EQ(finding.accesses[0].thread->index_in_threadgroup, 0u);
    EXPECT_EQ(finding.accesses[0].place.line, 5u);
    EXPECT_EQ(finding.accesses[1].thread->index_in_threadgroup, 10u);
    EXPECT_EQ(finding.accesses[1].place.line, 8u);
    EXPECT_THAT(finding.message, HasSubstr("10 here and 54 at program_source:8:5"));
  }
  // Unasked, barriers match by their number.
  const ScopedOptions scope(with({}));
  EXPECT_EQ(run_kernel("two_barriers"), "");
  EXPECT_THAT(take_findings(), IsEmpty());
}

TEST_F(Meetings, ABarrierAfterSomeHaveReturnedIsAnError) {
  const Finding finding = finding_of("returned");
  EXPECT_EQ(finding.check, Check::kBarrier);
  EXPECT_EQ(finding.place.line, 14u);
  EXPECT_THAT(finding.message,
              AllOf(HasSubstr("40 of 64 threads wait in a barrier"),
                    HasSubstr("number 0 of threadgroup (0, 0, 0) waits"),
                    HasSubstr("number 40 of threadgroup (0, 0, 0) has returned")));
  const ScopedOptions scope(with({}));
  EXPECT_THAT(run_kernel("returned"), HasSubstr("at program_source:14:3"));
  EXPECT_THAT(take_findings(), IsEmpty());
}

TEST_F(Meetings, LanesThatAreElsewhereAreAdvice) {
  const Finding waits = finding_of("lanes_wait", "forward", 2);  // in both branches
  EXPECT_EQ(waits.check, Check::kDivergence);
  EXPECT_EQ(waits.place.line, 19u);
  EXPECT_EQ(waits.accesses.at(1).place.line, 21u);
  EXPECT_THAT(waits.message, HasSubstr("by 3 lanes while 29 others"));

  const Finding at_barrier = finding_of("lane_at_barrier");
  EXPECT_EQ(at_barrier.place.line, 25u);
  EXPECT_EQ(at_barrier.accesses.at(1).place.line, 26u);
  EXPECT_EQ(at_barrier.accesses.at(1).thread->index_in_threadgroup, 7u);

  const Finding returned = finding_of("lanes_returned");
  EXPECT_EQ(returned.place.line, 30u);
  EXPECT_EQ(returned.count, 4u);  // SIMD-groups
  EXPECT_THAT(returned.message, HasSubstr("31 lanes only, because 1 others"));

  const Finding inactive = finding_of("reads_inactive");
  EXPECT_EQ(inactive.place.line, 33u);
  EXPECT_THAT(inactive.message, HasSubstr("32 lanes read the value of a lane that is not active"));

  const Finding apart = finding_of("barrier_apart");
  EXPECT_EQ(apart.place.line, 37u);
  EXPECT_THAT(apart.message, HasSubstr("simdgroup_barrier"));
}

TEST_F(Meetings, LanesMeetAgainBehindBranches) {
  const auto state = pipeline(library_.get(), "meets_again");
  ASSERT_TRUE(state);
  const auto check = [&] {
    const auto x = buffer(std::vector<std::uint32_t>(64));
    EXPECT_EQ(run(state.get(), {x.get()}, {64, 1, 1}, {64, 1, 1}), "");
    EXPECT_THAT(values<std::uint32_t>(x.get()), Each(323232u));
  };
  check();
  for (const char* schedule : {"reverse", "adversarial", "random:1", "random:2"}) {
    SCOPED_TRACE(schedule);
    for (const CheckSet checks : {CheckSet(), CheckSet().with(Check::kBarrier)}) {
      const ScopedOptions scope(with(checks, schedule));
      check();
    }
  }
}

TEST_F(Meetings, AFunctionThatIsCalledFromTwoPlacesMeetsInEach) {
  const auto state = pipeline(library_.get(), "calls_apart");
  ASSERT_TRUE(state);
  const auto x = buffer(std::vector<std::uint32_t>(32));
  ASSERT_EQ(run(state.get(), {x.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<std::uint32_t>(x.get());
  for (unsigned i = 0; i < 32; ++i) {
    EXPECT_EQ(result[i], 11 * (i % 3 == 0 ? 11 : 21) * 100 + 32);
  }
}

TEST_F(Meetings, RightCodeIsSilent) {
  for (const char* schedule : {"", "forward", "reverse", "adversarial", "random:1", "random:2"}) {
    SCOPED_TRACE(schedule);
    const ScopedOptions scope(
        with(CheckSet().with(Check::kBarrier).with(Check::kDivergence), schedule));
    EXPECT_EQ(run_kernel("right"), "");
    for (const Finding& finding : take_findings()) {
      ADD_FAILURE() << to_string(finding);
    }
  }
}

}  // namespace
}  // namespace softmetal::testing
