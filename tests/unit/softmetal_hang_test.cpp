// Kernels that would never end: each becomes an error with the place, and the device goes on.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/checks.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Options impatient(std::string_view schedule = "") {
  Options options;
  options.timeout = std::chrono::milliseconds(200);
  options.print = false;
  if (!schedule.empty()) {
    options.schedule = Schedule::parse(schedule);
  }
  return options;
}

class Hang : public SoftMetal {
 protected:
  // Kernels without anything that blocks, so compiled as plain loops. Lines are those of the source
  // behind two lines of the fixture.
  static constexpr const char* kPlain = R"(
    kernel void endless(device uint* x, uint i [[thread_position_in_grid]]) {
      uint n = i;
      while (x[1] == 0) {
        n = n * 5 + 1;
        x[2 + n % 4] = n;
      }
    }
    kernel void idle(device uint* x, uint i [[thread_position_in_grid]]) {
      if (x[0] == 7) { while (true) {} }
      x[i] = i;
    }
    kernel void waits(device uint* x, uint i [[thread_position_in_grid]]) {
      volatile device uint* flag = x;
      while (*flag != 1) {}
    }
    kernel void fine(device uint* x, uint i [[thread_position_in_grid]]) { x[i] = i; })";

  static constexpr const char* kBarriers = R"(
    kernel void one_turns(device uint* x, uint i [[thread_index_in_threadgroup]]) {
      threadgroup_barrier(mem_flags::mem_device);
      while (i == 33 && x[0] == 0) { x[1] += 3; }
      threadgroup_barrier(mem_flags::mem_device);
    }
    kernel void lane_turns(device uint* x, uint i [[thread_index_in_threadgroup]]) {
      if (i % 32 > 20) {
        while (x[0] == 0) { x[1] += 3; }
      }
      x[i] = simd_sum(i);
    }
    kernel void fine(device uint* x, uint i [[thread_index_in_threadgroup]]) {
      threadgroup_barrier(mem_flags::mem_device);
      x[i] = simd_sum(1);
    })";

  static constexpr const char* kWaits = R"(
    kernel void waits(device atomic_uint* x, uint i [[thread_index_in_threadgroup]]) {
      if (i == 3) {
        while (atomic_load_explicit(&x[0], memory_order_relaxed) == 0) {}
      }
      threadgroup_barrier(mem_flags::mem_device);
    })";

  // Runs an endless kernel and then a good one on the same device.
  void expect_hang(MTL::Library* from, const std::string& name, const std::string& place) {
    SCOPED_TRACE(name);
    const auto x = buffer(std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 0});
    if (name == "idle") {
      static_cast<std::uint32_t*>(x->contents())[0] = 7;
    }
    const auto state = pipeline(from, name);
    ASSERT_TRUE(state);
    EXPECT_THAT(run(state.get(), {x.get()}, {256, 1, 1}, {64, 1, 1}),
                AllOf(HasSubstr("kernel '" + name + "'"),
                      HasSubstr("did not end within 0.2 s"),
                      HasSubstr(place)));
    const auto findings = take_findings();
    ASSERT_FALSE(findings.empty());
    EXPECT_EQ(findings[0].check, Check::kHang);
    EXPECT_EQ(findings[0].kernel, name);
    EXPECT_THAT(to_string(findings[0].place), HasSubstr(place));
    const auto good = pipeline(from, "fine");
    const auto out = buffer(std::vector<std::uint32_t>(64, 99));
    EXPECT_EQ(run(good.get(), {out.get()}, {64, 1, 1}, {64, 1, 1}), "");
    EXPECT_NE(values<std::uint32_t>(out.get())[63], 99u);
    EXPECT_THAT(take_findings(), IsEmpty());
  }
};

TEST_F(Hang, EndlessLoopsOfPlainKernelsAreStopped) {
  SKIP_IF_SIGNALS_WAIT();
  const ScopedOptions scope(impatient());
  const auto from =
      library(std::string("#include <metal_stdlib>\nusing namespace metal;") + kPlain);
  ASSERT_TRUE(from);
  expect_hang(from.get(), "endless", "program_source:");
  expect_hang(from.get(), "idle", "program_source:");
  expect_hang(from.get(), "waits", "program_source:");
}

TEST_F(Hang, WaitsForMemoryThatNobodyWritesAreStopped) {
  const auto state = pipeline(kWaits, "waits");
  ASSERT_TRUE(state);
  const auto error = [&](const Options& options) {
    const ScopedOptions scope(options);
    const auto x = buffer(std::vector<std::uint32_t>(2, 0));
    return run(state.get(), {x.get()}, {64, 1, 1}, {32, 1, 1});
  };
  // Side by side with other groups only the clock can tell, and it may strike anywhere in the loop.
  EXPECT_THAT(error(impatient()),
              AllOf(HasSubstr("did not end within 0.2 s"),
                    HasSubstr("31 wait in a barrier"),
                    HasSubstr("at program_source:6:")));
  // With a schedule nothing depends on the clock.
  Options patient = impatient("forward");
  patient.timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(error(patient),
              AllOf(HasSubstr("thread (3, 0, 0), number 3 of threadgroup (0, 0, 0) waits"),
                    HasSubstr("at program_source:6:16")));
}

// A worker that waits gives the processor away again and again. Where others take it, the time that
// it has itself hardly grows: such a kernel once ran for minutes.
TEST_F(Hang, WaitsAreStoppedOnABusyMachineToo) {
  const auto state = pipeline(kWaits, "waits");
  ASSERT_TRUE(state);
  std::atomic<bool> enough = false;
  std::vector<std::jthread> others;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
    others.emplace_back([&] {
      while (!enough) {
      }
    });
  }
  const ScopedOptions scope(impatient());
  const auto x = buffer(std::vector<std::uint32_t>(2, 0));
  EXPECT_THAT(run(state.get(), {x.get()}, {64, 1, 1}, {32, 1, 1}),
              HasSubstr("did not end within 0.2 s"));
  enough = true;
}

// The group that it waits for takes longer than the timeout, but comes forward all the time.
TEST_F(Hang, WaitingForAGroupThatComputesIsNoHang) {
  const auto state = pipeline(R"(
    kernel void waits(device atomic_uint* x, uint i [[thread_index_in_threadgroup]]) {
      threadgroup uint order;
      if (i == 0) { order = atomic_fetch_add_explicit(&x[0], 1, memory_order_relaxed); }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      if (order == 0) {
        uint n = i;
        for (uint step = 0; step < 300; ++step) {
          for (uint k = 0; k < 30000; ++k) { n = n * 5 + (k ^ n >> 3); }
          threadgroup_barrier(mem_flags::mem_none);
        }
        if (i == 0) { atomic_store_explicit(&x[1], n | 1, memory_order_relaxed); }
      } else if (i == 0) {
        while (atomic_load_explicit(&x[1], memory_order_relaxed) == 0) {}
      }
    })",
                              "waits");
  ASSERT_TRUE(state);
  Options options = impatient();
  options.timeout = std::chrono::milliseconds(50);
  const ScopedOptions scope(options);
  const auto x = buffer(std::vector<std::uint32_t>(2, 0));
  EXPECT_EQ(run(state.get(), {x.get()}, {64, 1, 1}, {32, 1, 1}), "");
  EXPECT_NE(values<std::uint32_t>(x.get())[1], 0u);
}

TEST_F(Hang, ChecksDoNotHideAnEndlessLoop) {
  const auto from =
      library(std::string("#include <metal_stdlib>\nusing namespace metal;") + kBarriers);
  ASSERT_TRUE(from);
  Options options = impatient("random:1");
  options.checks = CheckSet::all().without(Check::kRace).without(Check::kUninitialised);
  const ScopedOptions scope(options);
  expect_hang(from.get(), "one_turns", "program_source:5");
}

TEST_F(Hang, EndlessLoopsBetweenBarriersAreStopped) {
  SKIP_IF_SIGNALS_WAIT();
  const auto from =
      library(std::string("#include <metal_stdlib>\nusing namespace metal;") + kBarriers);
  ASSERT_TRUE(from);
  for (const char* schedule : {"", "random:3"}) {
    const ScopedOptions scope(impatient(schedule));
    expect_hang(from.get(), "one_turns", "program_source:5");
    expect_hang(from.get(), "lane_turns", "program_source:10");
  }
}

}  // namespace
}  // namespace softmetal::testing
