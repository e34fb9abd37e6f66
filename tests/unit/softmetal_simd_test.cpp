// SIMD-group and quad-group functions: all lanes, partial groups, and lanes that went different
// ways.
#include <cstdint>
#include <functional>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

// What to run on `threads` threads of one group, and what lane i must get.
struct Case {
  std::string body;  // sets `r`, which is 777 before, from the thread's index `i` and its `lane`
  unsigned threads;
  std::function<int(int)> expected;
};

class Simd : public SoftMetal {
 protected:
  /// Compiles all cases into one kernel, to save time, and runs each.
  void expect(const std::vector<Case>& cases) {
    std::string source =
        "kernel void f(device int* out, constant uint& which, uint lane "
        "[[thread_index_in_simdgroup]],\n"
        "              uint i [[thread_index_in_threadgroup]]) {\n"
        "  int r = 777;\n  switch (which) {\n";
    for (std::size_t c = 0; c < cases.size(); ++c) {
      source += "    case " + std::to_string(c) + ": { " + cases[c].body + " break; }\n";
    }
    const auto state = pipeline(source + "  }\n  out[i] = r;\n}\n", "f");
    ASSERT_TRUE(state);
    for (std::uint32_t c = 0; c < cases.size(); ++c) {
      const unsigned n = cases[c].threads;
      const auto out = buffer(std::vector<std::int32_t>(n, -1));
      const auto which = buffer(std::vector<std::uint32_t>{c});
      ASSERT_EQ(run(state.get(), {out.get(), which.get()}, {n, 1, 1}, {n, 1, 1}), "");
      const auto result = values<std::int32_t>(out.get());
      for (unsigned i = 0; i < n; ++i) {
        ASSERT_EQ(result[i], cases[c].expected(static_cast<int>(i)))
            << cases[c].body << " lane " << i << " of " << n;
      }
    }
  }
};

int sum_below(int n) {
  return n * (n - 1) / 2;
}

TEST_F(Simd, ReducesWholeAndPartialGroups) {
  // 70 threads: two whole SIMD-groups and one of six lanes.
  expect({
      {"r = simd_sum(int(i));",
       70,
       [](int i) {
         const int first = i / 32 * 32, last = std::min(first + 32, 70);
         return sum_below(last) - sum_below(first);
       }},
      {"r = simd_max(int(i) ^ 5);", 32, [](int) { return 31; }},
      {"r = simd_min(100 - int(i));", 40, [](int i) { return i < 32 ? 69 : 61; }},
      {"r = simd_product(i == 3 ? 2 : i == 9 ? 5 : 1);", 33, [](int i) { return i < 32 ? 10 : 1; }},
      {"r = simd_or(1 << (lane % 8));", 32, [](int) { return 255; }},
      {"r = simd_and(~(1 << (lane % 8)) & 511);", 32, [](int) { return 256; }},
      {"r = simd_xor(1 << lane);", 32, [](int) { return -1; }},
      {"r = int(simd_sum(float2(lane, 1)).y);", 32, [](int) { return 32; }},
      {"r = int(simd_max(half(lane)));", 32, [](int) { return 31; }},
  });
}

TEST_F(Simd, ScansInLaneOrder) {
  expect({
      {"r = simd_prefix_inclusive_sum(int(lane));",
       64,
       [](int i) { return sum_below(i % 32 + 1); }},
      {"r = simd_prefix_exclusive_sum(int(lane));", 64, [](int i) { return sum_below(i % 32); }},
      {"r = simd_prefix_inclusive_product(lane == 4 ? 3 : 1);",
       32,
       [](int i) { return i < 4 ? 1 : 3; }},
      {"r = simd_prefix_exclusive_product(lane == 4 ? 3 : 1);",
       32,
       [](int i) { return i < 5 ? 1 : 3; }},
  });
}

TEST_F(Simd, Shuffles) {
  expect({
      {"r = simd_shuffle(int(i), ushort(31 - lane));", 32, [](int i) { return 31 - i; }},
      {"r = simd_shuffle_xor(int(i), 5);", 64, [](int i) { return i ^ 5; }},
      // Out of range: a lane keeps its own value.
      {"r = simd_shuffle_up(int(i), 3);", 32, [](int i) { return i < 3 ? i : i - 3; }},
      {"r = simd_shuffle_down(int(i), 3);", 32, [](int i) { return i > 28 ? i : i + 3; }},
      {"r = simd_shuffle_down(int(i), 3);", 20, [](int i) { return i > 16 ? i : i + 3; }},
      {"r = simd_shuffle_rotate_up(int(i), 3);", 32, [](int i) { return (i + 29) % 32; }},
      {"r = simd_shuffle_rotate_down(int(i), 3);", 32, [](int i) { return (i + 3) % 32; }},
      {"r = simd_broadcast(int(i), 7);", 64, [](int i) { return i / 32 * 32 + 7; }},
      {"r = simd_broadcast_first(int(i) + 1);", 64, [](int i) { return i / 32 * 32 + 1; }},
      {"r = simd_shuffle_and_fill_up(int(i), int(i) + 100, 2);",
       32,
       [](int i) { return i < 2 ? i + 30 + 100 : i - 2; }},
      {"r = simd_shuffle_and_fill_down(int(i), int(i) + 100, 2);",
       32,
       [](int i) { return i > 29 ? i - 30 + 100 : i + 2; }},
      {"r = simd_shuffle_and_fill_down(int(i), int(i) + 100, 2, 8);",
       32,
       [](int i) { return i % 8 > 5 ? i - 6 + 100 : i + 2; }},
  });
}

TEST_F(Simd, Votes) {
  expect({
      {"r = int(uint64_t(simd_ballot(lane % 2 == 1)));", 32, [](int) { return int(0xAAAAAAAA); }},
      {"r = simd_all(lane < 6) ? 1 : 0;", 38, [](int i) { return i < 32 ? 0 : 1; }},
      {"r = simd_any(lane == 9) ? 1 : 0;", 38, [](int i) { return i < 32 ? 1 : 0; }},
      {"r = int(uint64_t(simd_active_threads_mask()));", 35, [](int i) { return i < 32 ? -1 : 7; }},
      {"if (lane > 4) { r = simd_is_first() ? 1 : 0; }",
       32,
       [](int i) { return i < 5    ? 777
                          : i == 5 ? 1
                                   : 0; }},
  });
}

TEST_F(Simd, QuadsAreFourLanes) {
  expect({
      {"r = quad_sum(int(i));",
       30,
       [](int i) {
         const int first = i / 4 * 4, last = std::min(first + 4, 30);
         return sum_below(last) - sum_below(first);
       }},
      {"r = quad_broadcast(int(i), 2);", 32, [](int i) { return i / 4 * 4 + 2; }},
      {"r = quad_shuffle_xor(int(i), 1);", 32, [](int i) { return i ^ 1; }},
      {"r = quad_prefix_exclusive_sum(1);", 32, [](int i) { return i % 4; }},
  });
}

TEST_F(Simd, BranchesMeetSeparately) {
  expect({
      {"if (lane % 2 == 0) { r = simd_sum(1); } else { r = simd_sum(100); }",
       64,
       [](int i) { return i % 2 == 0 ? 16 : 1600; }},
      // Together again behind the branch.
      {"if (lane % 4 == 0) { r = simd_sum(1); } r = simd_sum(r == 8 ? 1 : 0);",
       32,
       [](int) { return 8; }},
      // In a helper called from both branches.
      {"if (lane < 10) { r = simd_max(int(i)); } else if (lane < 20) { r = simd_max(int(i)); }",
       32,
       [](int i) { return i < 10   ? 9
                          : i < 20 ? 19
                                   : 777; }},
  });
}

TEST_F(Simd, LanesLeaveALoopOneAfterTheOther) {
  // Lane l makes l rounds; in round k the lanes k+1 ... 31 are active.
  expect({
      {"r = 0; for (uint k = 0; k < lane; ++k) { r += simd_sum(1); } r = r * 100 + simd_sum(1);",
       32,
       [](int i) {
         int total = 0;
         for (int k = 0; k < i; ++k) {
           total += 31 - k;
         }
         return total * 100 + 32;
       }},
  });
}

TEST_F(Simd, LanesThatReturnedAreInactive) {
  expect({
      {"if (i % 32 >= 20) { out[i] = -5; return; } r = simd_sum(1);",
       64,
       [](int i) { return i % 32 < 20 ? 20 : -5; }},
  });
}

TEST_F(Simd, BarriersAndExchangesMix) {
  // The two-level reduction that most kernels use.
  const auto state = pipeline(R"(
    kernel void total(device const float* in, device float* out, constant uint& n,
                      uint i [[thread_index_in_threadgroup]],
                      uint lane [[thread_index_in_simdgroup]],
                      uint group [[simdgroup_index_in_threadgroup]],
                      uint groups [[simdgroups_per_threadgroup]],
                      uint threads [[threads_per_threadgroup]]) {
      threadgroup float partial[32];
      float sum = 0;
      for (uint k = i; k < n; k += threads) {
        sum += in[k];
      }
      sum = simd_sum(sum);
      if (lane == 0) {
        partial[group] = sum;
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      if (group == 0) {
        sum = simd_sum(lane < groups ? partial[lane] : 0.0f);
        if (lane == 0) {
          out[0] = sum;
        }
      }
    })",
                              "total");
  ASSERT_TRUE(state);
  const auto in = buffer(std::vector<float>(5000, 0.25f));
  const auto n = buffer(std::vector<std::uint32_t>{5000});
  for (const unsigned threads : {1u, 32u, 50u, 256u, 1000u, 1024u}) {
    const auto out = buffer(std::vector<float>{-1});
    ASSERT_EQ(run(state.get(), {in.get(), out.get(), n.get()}, {threads, 1, 1}, {threads, 1, 1}),
              "");
    EXPECT_EQ(values<float>(out.get())[0], 1250.0f) << threads;
  }
}

}  // namespace
}  // namespace softmetal::testing
