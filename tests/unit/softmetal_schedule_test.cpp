// The orders that schedules run threads and threadgroups in, and threads that wait for each other
// by a value in memory.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/schedule_order.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::uint64_t> group_order(std::string_view schedule, std::uint64_t count) {
  const GroupOrder order(Schedule::parse(schedule), count);
  std::vector<std::uint64_t> result(count);
  for (std::uint64_t turn = 0; turn < count; ++turn) {
    result[turn] = order[turn];
  }
  return result;
}

TEST(ScheduleOrder, RunsEveryGroupOnce) {
  EXPECT_THAT(group_order("forward", 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(group_order("reverse", 4), ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(group_order("adversarial", 5), ElementsAre(4, 0, 3, 1, 2));
  for (const std::uint64_t count : {1u, 2u, 3u, 7u, 64u, 65u, 1000u, 4097u}) {
    std::vector<std::uint64_t> all(count);
    std::iota(all.begin(), all.end(), 0u);
    for (const char* schedule : {"forward", "reverse", "adversarial", "random:0", "random:77"}) {
      std::vector<std::uint64_t> order = group_order(schedule, count);
      std::sort(order.begin(), order.end());
      EXPECT_EQ(order, all) << schedule << " " << count;
    }
  }
}

TEST(ScheduleOrder, RandomOrdersDifferBySeedAlone) {
  EXPECT_EQ(group_order("random:5", 1000), group_order("random:5", 1000));
  std::set<std::vector<std::uint64_t>> orders;
  for (int seed = 0; seed < 20; ++seed) {
    orders.insert(group_order("random:" + std::to_string(seed), 8));
  }
  EXPECT_GE(orders.size(), 18u);
  // Neighbours are torn apart, and the numbers are spread over a grid that no table could hold.
  const GroupOrder huge({Schedule::Order::kRandom, 3}, std::uint64_t{1} << 40);
  EXPECT_NE(huge[1], huge[0] + 1);
  EXPECT_GT(std::max({huge[0], huge[1], huge[2], huge[3]}), std::uint64_t{1} << 36);
}

class Schedules : public SoftMetal {
 protected:
  static Options with(std::string_view schedule) {
    Options options;
    options.timeout = std::chrono::milliseconds(2000);
    options.print = false;
    options.schedule = Schedule::parse(schedule);
    return options;
  }
};

// Writes down who comes when: at the start, behind a barrier, behind a SIMD-group function.
constexpr const char* kTurns = R"(
  kernel void turns(device atomic_uint* next, device uint* log,
                    uint i [[thread_position_in_grid]]) {
    log[atomic_fetch_add_explicit(next, 1u, memory_order_relaxed)] = i;
    threadgroup_barrier(mem_flags::mem_device);
    log[atomic_fetch_add_explicit(next, 1u, memory_order_relaxed)] = 1000 + i;
    simd_sum(i);
    log[atomic_fetch_add_explicit(next, 1u, memory_order_relaxed)] = 2000 + i;
  })";

TEST_F(Schedules, DecideWhoGoesOn) {
  const auto state = pipeline(kTurns, "turns");
  ASSERT_TRUE(state);
  const auto log_of = [&](const std::string& schedule, unsigned grid, unsigned group) {
    const ScopedOptions scope(with(schedule));
    const auto next = buffer(std::vector<std::uint32_t>{0});
    const auto log = buffer(std::vector<std::uint32_t>(3 * grid));
    EXPECT_EQ(run(state.get(), {next.get(), log.get()}, {grid, 1, 1}, {group, 1, 1}), "");
    return values<std::uint32_t>(log.get());
  };
  EXPECT_THAT(log_of("forward", 6, 3),
              ElementsAre(0,
                          1,
                          2,
                          1000,
                          1001,
                          1002,
                          2000,
                          2001,
                          2002,
                          3,
                          4,
                          5,
                          1003,
                          1004,
                          1005,
                          2003,
                          2004,
                          2005));
  EXPECT_THAT(log_of("reverse", 6, 3),
              ElementsAre(5,
                          4,
                          3,
                          1005,
                          1004,
                          1003,
                          2005,
                          2004,
                          2003,
                          2,
                          1,
                          0,
                          1002,
                          1001,
                          1000,
                          2002,
                          2001,
                          2000));
  // The last at the barrier is the first behind it.
  EXPECT_THAT(log_of("adversarial", 3, 3),
              ElementsAre(2, 1, 0, 1000, 1001, 1002, 2002, 2001, 2000));
  // A SIMD-group that has met goes on before the other one begins.
  const auto skewed = log_of("adversarial", 64, 64);
  const auto place = [&](std::uint32_t what) {
    return std::find(skewed.begin(), skewed.end(), what) - skewed.begin();
  };
  EXPECT_LT(place(2000), place(1063));

  const auto random = log_of("random:1", 64, 32);
  EXPECT_EQ(random, log_of("random:1", 64, 32));
  EXPECT_NE(random, log_of("random:2", 64, 32));
  EXPECT_NE(random, log_of("forward", 64, 32));
}

TEST_F(Schedules, ShowAMissingBarrier) {
  // Each thread reads what a neighbour has written just before, without a barrier between.
  const auto from = library(R"(
    #include <metal_stdlib>
    using namespace metal;
    kernel void left(device uint* out, uint i [[thread_index_in_threadgroup]]) {
      threadgroup uint x[64];
      x[i] = i;
      out[i] = i > 0 ? x[i - 1] : 0;
    }
    kernel void right(device uint* out, uint i [[thread_index_in_threadgroup]]) {
      threadgroup uint x[64];
      x[i] = i;
      out[i] = i < 63 ? x[i + 1] : 0;
    }
    kernel void both(device uint* out, uint i [[thread_index_in_threadgroup]]) {
      threadgroup uint x[64];
      x[i] = i;
      threadgroup_barrier(mem_flags::mem_threadgroup);
      const uint l = i > 0 ? x[i - 1] : 0;
      x[i] = l;
      out[i] = l;
    })");
  ASSERT_TRUE(from);
  const auto wrong = [&](const char* kernel, const char* schedule) {
    const ScopedOptions scope(with(schedule));
    const auto out = buffer(std::vector<std::uint32_t>(64));
    EXPECT_EQ(run(pipeline(from.get(), kernel).get(), {out.get()}, {64, 1, 1}, {64, 1, 1}), "");
    const auto result = values<std::uint32_t>(out.get());
    unsigned count = 0;
    for (unsigned i = 1; i < 63; ++i) {
      count += result[i] != (std::string(kernel) == "right" ? i + 1 : i - 1);
    }
    return count;
  };
  EXPECT_EQ(wrong("left", "forward"), 0u);
  EXPECT_EQ(wrong("left", "reverse"), 62u);
  EXPECT_EQ(wrong("right", "forward"), 62u);
  EXPECT_EQ(wrong("right", "reverse"), 0u);
  EXPECT_GT(wrong("left", "random:1"), 10u);
  EXPECT_GT(wrong("right", "random:1"), 10u);
  EXPECT_EQ(wrong("left", "adversarial"), 62u);
  // Behind the barrier the adversarial order has turned round.
  EXPECT_EQ(wrong("both", "adversarial"), 61u);  // the second reads the 0 that was there
  EXPECT_EQ(wrong("both", "reverse"), 0u);
}

TEST_F(Schedules, ARandomOneWithChecksIsTheSameForTheSameSeed) {
  // Every thread adds to a sum that the others add to without an atomic: what is lost depends on
  // who is interrupted where.
  const auto state = pipeline(R"(
    kernel void adds(device uint* sum, device uint* seen, uint i [[thread_position_in_grid]]) {
      for (uint k = 0; k < 20; ++k) {
        const uint before = sum[0];
        seen[i] = seen[i] * 3 + before;
        sum[0] = before + 1;
      }
    })",
                              "adds");
  ASSERT_TRUE(state);
  const auto outcome = [&](const std::string& schedule) {
    Options options = with(schedule);
    options.checks = CheckSet().with(Check::kBounds);
    const ScopedOptions scope(options);
    const auto sum = buffer(std::vector<std::uint32_t>{0});
    const auto seen = buffer(std::vector<std::uint32_t>(128, 0));
    EXPECT_EQ(run(state.get(), {sum.get(), seen.get()}, {128, 1, 1}, {64, 1, 1}), "");
    auto result = values<std::uint32_t>(seen.get());
    result.push_back(values<std::uint32_t>(sum.get())[0]);
    return result;
  };
  const auto first = outcome("random:1");
  EXPECT_EQ(first, outcome("random:1"));
  EXPECT_NE(first, outcome("random:2"));
  EXPECT_LT(first.back(), 128u * 20);  // threads were interrupted between the two accesses
  EXPECT_EQ(outcome("forward").back(), 128u * 20);
}

constexpr const char* kSpins = R"(
  #include <metal_stdlib>
  using namespace metal;
  // Each thread waits for the next one of its group, the last one for nobody.
  kernel void chain(device atomic_uint* flags, uint i [[thread_index_in_threadgroup]],
                    uint n [[threads_per_threadgroup]]) {
    if (i + 1 < n) {
      while (atomic_load_explicit(&flags[i + 1], memory_order_relaxed) == 0) {
      }
    }
    atomic_store_explicit(&flags[i], 1u, memory_order_relaxed);
  }
  // A lock that is held over a barrier's worth of other threads' turns.
  kernel void lock(device atomic_uint* flags, uint i [[thread_index_in_threadgroup]]) {
    uint expected = 0;
    while (!atomic_compare_exchange_weak_explicit(&flags[0], &expected, 1u, memory_order_relaxed,
                                                  memory_order_relaxed)) {
      expected = 0;
    }
    const uint count = atomic_load_explicit(&flags[1], memory_order_relaxed);
    for (uint k = 0; k < 40; ++k) {
      atomic_fetch_add_explicit(&flags[2], 0u, memory_order_relaxed);
    }
    atomic_store_explicit(&flags[1], count + 1, memory_order_relaxed);
    atomic_store_explicit(&flags[0], 0u, memory_order_relaxed);
  }
  // Group g waits for the group before it, or the one behind it.
  kernel void looks_back(device atomic_uint* flags, uint i [[thread_index_in_threadgroup]],
                         uint g [[threadgroup_position_in_grid]]) {
    while (i == 5 && g > 0 && atomic_load_explicit(&flags[g - 1], memory_order_relaxed) == 0) {
    }
    threadgroup_barrier(mem_flags::mem_device);
    if (i == 0) {
      atomic_store_explicit(&flags[g], 1u, memory_order_relaxed);
    }
  }
  kernel void looks_ahead(device atomic_uint* flags, uint i [[thread_index_in_threadgroup]],
                          uint g [[threadgroup_position_in_grid]]) {
    while (i == 5 && g < 7 && atomic_load_explicit(&flags[g + 1], memory_order_relaxed) == 0) {
    }
    threadgroup_barrier(mem_flags::mem_device);
    if (i == 0) {
      atomic_store_explicit(&flags[g], 1u, memory_order_relaxed);
    }
  })";

TEST_F(Schedules, ThreadsMayWaitForEachOther) {
  const auto from = library(kSpins);
  ASSERT_TRUE(from);
  const auto chain = pipeline(from.get(), "chain"), lock = pipeline(from.get(), "lock");
  ASSERT_TRUE(chain && lock);
  const auto check = [&] {
    const auto flags = buffer(std::vector<std::uint32_t>(256, 0));
    EXPECT_EQ(run(chain.get(), {flags.get()}, {256, 1, 1}, {256, 1, 1}), "");
    EXPECT_EQ(values<std::uint32_t>(flags.get()), std::vector<std::uint32_t>(256, 1));
    const auto counts = buffer(std::vector<std::uint32_t>(3, 0));
    EXPECT_EQ(run(lock.get(), {counts.get()}, {256, 1, 1}, {256, 1, 1}), "");
    EXPECT_THAT(values<std::uint32_t>(counts.get()), ElementsAre(0, 256, 0));
  };
  check();
  for (const char* schedule : {"forward", "reverse", "adversarial", "random:1", "random:2"}) {
    SCOPED_TRACE(schedule);
    const ScopedOptions scope(with(schedule));
    check();
    EXPECT_THAT(take_findings(), IsEmpty());
  }
}

TEST_F(Schedules, AWaitForALaterGroupIsReported) {
  const auto from = library(kSpins);
  ASSERT_TRUE(from);
  const auto back = pipeline(from.get(), "looks_back"), ahead = pipeline(from.get(), "looks_ahead");
  ASSERT_TRUE(back && ahead);
  const auto error_of = [&](MTL::ComputePipelineState* state, const char* schedule) {
    const ScopedOptions scope(with(schedule));
    const auto flags = buffer(std::vector<std::uint32_t>(8, 0));
    std::string error = run(state, {flags.get()}, {256, 1, 1}, {32, 1, 1});
    const auto findings = take_findings();
    EXPECT_THAT(findings, SizeIs(error.empty() ? 0 : 1));
    for (const Finding& finding : findings) {
      EXPECT_EQ(finding.check, Check::kHang);
      EXPECT_FALSE(finding.is_advice);
    }
    return error;
  };
  EXPECT_EQ(error_of(back.get(), "forward"), "");
  EXPECT_EQ(error_of(ahead.get(), "reverse"), "");
  EXPECT_THAT(error_of(ahead.get(), "forward"),
              AllOf(HasSubstr("thread (5, 0, 0), number 5 of threadgroup (0, 0, 0) waits"),
                    HasSubstr("31 wait in a barrier"),
                    HasSubstr("at program_source:39:31")));
  EXPECT_THAT(error_of(back.get(), "reverse"),
              AllOf(HasSubstr("thread (229, 0, 0), number 5 of threadgroup (7, 0, 0) waits"),
                    HasSubstr("at program_source:30:31")));
  EXPECT_THAT(error_of(back.get(), "adversarial"), HasSubstr("waits"));
  EXPECT_THAT(error_of(ahead.get(), "adversarial"), HasSubstr("waits"));
  // Without a schedule the groups run side by side.
  const auto flags = buffer(std::vector<std::uint32_t>(8, 0));
  EXPECT_EQ(run(back.get(), {flags.get()}, {256, 1, 1}, {32, 1, 1}), "");
}

}  // namespace
}  // namespace softmetal::testing
