// What stops a kernel from outside of it: faults of the processor with the thread and the line, and
// signals that are none of softmetal's business.
#include <csignal>
#include <cstdint>
#include <thread>

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/checks.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Fault : public SoftMetal {
 protected:
  // Runs a kernel on {0, 12, 12, ...} in groups of 32 threads; the error.
  std::string run_kernel(MTL::Library* from, const std::string& name) {
    std::vector<int> start(64, 12);
    start[0] = 0;
    const auto x = buffer(start);
    const auto state = pipeline(from, name);
    return state ? run(state.get(), {x.get()}, {64, 1, 1}, {32, 1, 1}) : "no pipeline";
  }
};

TEST_F(Fault, NamesTheThreadAndTheLine) {
  const auto from = library(R"(#include <metal_stdlib>
using namespace metal;
kernel void wild(device int* x, uint i [[thread_position_in_grid]]) {
  threadgroup_barrier(mem_flags::mem_none);
  if (i == 37) {
    x[ulong(x[i]) << 40] = 1;
  }
}
kernel void divides(device int* x, uint i [[thread_position_in_grid]]) {
  simd_sum(i);
  if (i == 0) {
    x[i + 1] =
        100 / x[i];
  }
}
kernel void traps(device int* x, uint i [[thread_position_in_grid]]) {
  threadgroup_barrier(mem_flags::mem_none);
  if (i == 63) { __builtin_trap(); }
  x[i] = i;
}
static int deep(device int* x, int n) {
  volatile int a[256];
  a[n & 255] = n;
  return x[0] == 1 ? n : deep(x, n + 1) + a[n & 255];
}
kernel void overflows(device int* x, uint i [[thread_position_in_grid]]) {
  threadgroup_barrier(mem_flags::mem_none);
  if (i == 33) { x[i] = deep(x, 0); }
}
kernel void fine(device int* x, uint i [[thread_position_in_grid]]) {
  threadgroup_barrier(mem_flags::mem_none);
  x[i] = simd_sum(1);
})");
  ASSERT_TRUE(from);
  EXPECT_THAT(run_kernel(from.get(), "wild"),
              AllOf(HasSubstr("kernel 'wild': invalid memory access"),
                    HasSubstr("thread (37, 0, 0), number 5 of threadgroup (1, 0, 0)"),
                    HasSubstr("at program_source:6:")));
#if defined(__x86_64__)
  EXPECT_THAT(run_kernel(from.get(), "divides"),
              AllOf(HasSubstr("kernel 'divides': integer division by zero"),
                    HasSubstr("thread (0, 0, 0)"),
                    HasSubstr("at program_source:13:13")));
#endif
  EXPECT_THAT(run_kernel(from.get(), "traps"),
              AllOf(HasSubstr("undefined behaviour"),
                    HasSubstr("thread (63, 0, 0)"),
                    HasSubstr("at program_source:18:18")));
  EXPECT_THAT(run_kernel(from.get(), "overflows"),
              AllOf(HasSubstr("stack overflow"),
                    HasSubstr("thread (33, 0, 0)"),
                    HasSubstr("at program_source:2")));
  EXPECT_EQ(run_kernel(from.get(), "fine"), "");
}

TEST_F(Fault, APlainLoopNamesTheGroupAndTheLine) {
  const auto from = library(R"(#include <metal_stdlib>
using namespace metal;
kernel void wild(device int* x, uint i [[thread_position_in_grid]]) {
  if (i == 37) {
    x[ulong(x[i]) << 40] = 1;
  }
})");
  ASSERT_TRUE(from);
  EXPECT_THAT(run_kernel(from.get(), "wild"),
              AllOf(HasSubstr("kernel 'wild': invalid memory access"),
                    HasSubstr("threadgroup (1, 0, 0)"),
                    HasSubstr("at program_source:5:")));
}

TEST_F(Fault, AnInterruptEndsTheProcessAsEver) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupt = [&] {
    Options patient;
    patient.timeout = std::chrono::milliseconds(0);
    set_options(patient);
    const auto x = buffer(std::vector<std::uint32_t>{0, 0});
    const auto state = pipeline(R"(
      kernel void endless(device uint* x) {
        volatile device uint* running = x;
        *running = 1;
        while (*running == 1) {}
      })",
                                "endless");
    const volatile auto* running = static_cast<std::uint32_t*>(x->contents());
    std::thread([running] {
      while (*running == 0) {
        std::this_thread::yield();
      }
      raise(SIGINT);
    }).detach();
    run(state.get(), {x.get()}, {1, 1, 1}, {1, 1, 1});
  };
  EXPECT_EXIT(interrupt(), ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace softmetal::testing
