// softmetal::Kernel: binding by index and name, outputs, constants, and what goes wrong.
#include <filesystem>
#include <fstream>
#include <numeric>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "softmetal/include/softmetal/run.hpp"

namespace softmetal {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSource = R"(
#include <metal_stdlib>
using namespace metal;
constant uint factor [[function_constant(3)]];
constant bool negate [[function_constant(5)]];
constant uint scale = is_function_constant_defined(factor) ? factor : 1;
constant bool minus = is_function_constant_defined(negate) && negate;

kernel void scaled(device const int* x [[buffer(0)]],
                   constant int& offset [[buffer(4)]],
                   device int* y [[buffer(1)]],
                   uint i [[thread_position_in_grid]]) {
  const int value = int(scale) * x[i] + offset;
  y[i] += minus ? -value : value;
}

kernel void reversed(device int* x [[buffer(0)]],
                     threadgroup int* shared [[threadgroup(0)]],
                     uint i [[thread_index_in_threadgroup]],
                     uint g [[threadgroup_position_in_grid]],
                     uint n [[threads_per_threadgroup]]) {
  shared[n - 1 - i] = x[g * n + i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  x[g * n + i] = shared[i];
}
)";

// The error that `act` throws.
template <class Act>
ingot::Error error_of(const Act& act) {
  try {
    act();
  } catch (const ingot::Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ingot::ErrorCode::kInternal, "", ""};
}

TEST(SoftMetalRun, ArgumentsAreBoundByIndexOrName) {
  Kernel kernel(kSource, "scaled");
  std::vector<int> y(5, 7);
  const Result result =
      kernel.buffer(0, {1, 2, 3, 4, 5}).bytes("offset", 10).out("y", y).dispatch(5, 2);
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_EQ(result.error, "");
  EXPECT_GE(result.seconds, 0);
  EXPECT_THAT(y, ElementsAre(11, 12, 13, 14, 15));  // a fresh buffer is zero
}

TEST(SoftMetalRun, EachDispatchBeginsWithTheArgumentsAsTheyWereBound) {
  Kernel kernel(kSource, "scaled");
  std::vector<int> y = {100, 200};
  kernel.buffer("x", std::vector<int>{1, 2}).bytes(4, 0).inout(1, y);
  kernel.dispatch(2, 2);
  EXPECT_THAT(y, ElementsAre(101, 202));
  kernel.dispatch(2, 2);
  EXPECT_THAT(y, ElementsAre(101, 202));
}

TEST(SoftMetalRun, ConstantsAreSetByIndexOrName) {
  Kernel kernel(kSource, "scaled", {{"factor", 3u}, {5, true}});
  std::vector<int> y(2);
  kernel.buffer(0, {1, 2}).bytes(4, 1).out(1, y).dispatch(2, 2);
  EXPECT_THAT(y, ElementsAre(-4, -7));
}

TEST(SoftMetalRun, WholeThreadgroupsWithMemory) {
  Kernel kernel(kSource, "reversed");
  std::vector<int> x(12);
  std::iota(x.begin(), x.end(), 0);
  kernel.inout(0, x).threadgroup("shared", 4 * sizeof(int)).dispatch_threadgroups(3, 4);
  EXPECT_THAT(x, ElementsAre(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8));
}

TEST(SoftMetalRun, ArgumentsAreDescribed) {
  const Kernel kernel(kSource, "scaled");
  ASSERT_EQ(kernel.arguments().size(), 3u);
  const Argument& x = kernel.argument("x");
  EXPECT_EQ(x.index, 0u);
  EXPECT_EQ(x.type, "const int*");
  EXPECT_TRUE(x.is_read_only);
  EXPECT_FALSE(x.is_reference);
  EXPECT_EQ(x.size, 4u);
  EXPECT_TRUE(kernel.argument(4).is_reference);
  EXPECT_FALSE(kernel.argument("y").is_read_only);
  EXPECT_EQ(kernel.max_threads_per_threadgroup(), 1024u);
}

TEST(SoftMetalRun, WhatTheSourceDoesNotHaveIsNamedWithWhatItHas) {
  EXPECT_THAT(error_of([] { Kernel(kSource, "scale"); }).what(), HasSubstr("scaled"));
  EXPECT_THAT(error_of([] { Kernel(kSource, "scaled", {{"faktor", 1u}}); }).what(),
              HasSubstr("factor (index 3)"));
  EXPECT_THAT(error_of([] { Kernel(kSource, "scaled", {{4, 1u}}); }).what(),
              HasSubstr("function constant"));
  Kernel kernel(kSource, "scaled");
  EXPECT_THAT(error_of([&] { kernel.bytes("ofset", 1); }).what(), HasSubstr("offset (index 4)"));
  EXPECT_THAT(error_of([&] { kernel.buffer(2, {1}); }).what(), HasSubstr("no buffer"));
  EXPECT_THAT(error_of([&] { kernel.threadgroup(0, 16); }).what(), HasSubstr("there are none"));
  EXPECT_THAT(error_of([&] { kernel.buffer(0, std::vector<int>()); }).what(),
              HasSubstr("length 0"));
}

TEST(SoftMetalRun, FailuresWithoutAFindingAreThrown) {
  Kernel kernel(kSource, "scaled");
  std::vector<int> y(2);
  kernel.buffer(0, {1, 2}).out(1, y);
  EXPECT_THAT(error_of([&] { kernel.dispatch(2, 2); }).what(), HasSubstr("offset"));
  kernel.bytes("offset", 1);
  EXPECT_THAT(error_of([&] { kernel.dispatch(2, 4096); }).what(), HasSubstr("1024"));
  EXPECT_THAT(y, Each(0));
}

TEST(SoftMetalRun, NumbersOfAnotherTypeAreRefused) {
  Kernel kernel(R"(
#include <metal_stdlib>
using namespace metal;
struct Pair { int a, b; };
kernel void k(device const packed_float3* f [[buffer(0)]], device const volatile half4 *h [[buffer(1)]],
              device metal::bfloat* b [[buffer(2)]], device atomic_uint* u [[buffer(3)]],
              device const Pair* s [[buffer(4)]], device bool* z [[buffer(5)]],
              device float4x4* m [[buffer(6)]], constant unsigned int& n [[buffer(7)]]) {}
)",
                "k");
  const std::vector<float> floats(16);
  const std::vector<int> ints(16);
  const std::vector<std::uint16_t> shorts(16);
  const std::vector<std::uint8_t> chars(16);
  const std::vector<std::byte> bytes(16);
  kernel.buffer(0, floats).buffer(0, bytes).buffer(1, std::vector<_Float16>(4)).buffer(1, shorts);
  kernel.buffer(2, shorts).buffer(3, ints).buffer(4, floats).buffer(4, chars).buffer(5, chars);
  kernel.buffer(6, floats).bytes(7, 1).bytes(7, 1.0f);  // "unsigned int" is not known by name
  EXPECT_THAT(error_of([&] { kernel.buffer(0, ints); }).what(),
              HasSubstr("argument 0 'f' (const packed_float3*): gets numbers of type int"));
  EXPECT_EQ(error_of([&] { kernel.buffer(1, floats); }).code(), ingot::ErrorCode::kInvalidArgument);
  EXPECT_THROW(kernel.buffer(2, ints), ingot::Error);
  EXPECT_THROW(kernel.buffer(3, floats), ingot::Error);
  EXPECT_THROW(kernel.buffer(3, chars), ingot::Error);
  EXPECT_THROW(kernel.buffer(5, ints), ingot::Error);
  EXPECT_THROW(kernel.buffer(6, ints), ingot::Error);
}

TEST(SoftMetalRun, FindingsAreInTheResultAndGoToWhoeverWatches) {
  Options options;
  options.checks = CheckSet::parse("bounds");
  std::vector<std::string> seen;
  options.on_finding = [&](const Finding& finding) { seen.push_back(finding.memory); };
  const ScopedOptions scope(options);
  Kernel kernel(kSource, "scaled");
  std::vector<int> y(3);
  const Result result = kernel.buffer(0, {1, 2}).bytes(4, 0).out(1, y).dispatch(3, 3);
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].check, Check::kBounds);
  EXPECT_THAT(result.findings[0].memory, HasSubstr("buffer 0 'x' + 8 bytes"));
  EXPECT_THAT(seen, ElementsAre(result.findings[0].memory));
  EXPECT_THAT(result.error, HasSubstr("scaled"));
  EXPECT_THAT(take_findings(), IsEmpty());
}

TEST(SoftMetalRun, FilesGiveTheirNameToDiagnostics) {
  const std::string path = ::testing::TempDir() + "softmetal_run_test.metal";
  std::ofstream(path)
      << "kernel void broken(device int* x [[buffer(0)]]) {\n  x[0] = missing;\n}\n";
  EXPECT_THAT(error_of([&] { Kernel(Source::file(path), "broken"); }).what(),
              HasSubstr(path + ":2:10"));
  std::filesystem::remove(path);
  EXPECT_EQ(error_of([&] { Source::file(path); }).code(), ingot::ErrorCode::kIo);
}

}  // namespace
}  // namespace softmetal
