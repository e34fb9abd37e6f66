// How often lines ran, against counts worked out by hand.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <unistd.h>

#include "ingot/error.hpp"

#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/include/softmetal/coverage.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

class CoverageOfLines : public SoftMetal {
 protected:
  CoverageOfLines() { take_coverage(); }

  static Options with_coverage() {
    Options options;
    options.coverage = true;
    return options;
  }

  const ScopedOptions scope_{with_coverage()};
};

// Ten threads, i = 0..9, in two groups of five.
constexpr const char* kSource = R"(#line 1 "shaders/walk.metal"
#include <metal_stdlib>
using namespace metal;

template <class T>
T half_of(T x) {
  if (x % 2 == 0)
    return x / 2;
  return T(0);
}
#line 1 "shaders/helper.h"
inline __attribute__((always_inline)) uint steps(uint n) {
  uint count = 0;
  while (n > 1) {
    n = n % 2 == 0 ? n / 2
                   : 3 * n + 1;
    if (++count == 5) break;
  }
  return count;
}
#line 20 "shaders/walk.metal"
kernel void walk(device uint* out [[buffer(0)]],
                 uint i [[thread_position_in_grid]],
                 uint lane [[thread_index_in_threadgroup]]) {
  threadgroup uint shared[5];
  shared[lane] = i;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  uint sum = 0;
  for (uint j = 0; j < i; ++j) {
    if (j == 3 || j == 4)
      continue;
    sum += j;
  }
  if (i < 4) {
    sum += half_of(i);
  } else if (i == 100) {
    sum = 0;
  } else {
    sum += half_of(int(i));
  }
  switch (i % 3) {
    case 0:
      sum += 1;
      break;
    case 1:
      sum += 2;
    default:
      sum += steps(i);
  }
  simd_sum(sum);
  out[i] = sum;
}

kernel void other(device uint* out, uint i [[thread_position_in_grid]]) {
  out[i] = half_of(i);
}

template <class T>
kernel void never(device T* out) {
  out[0] = 1;
}
)";

TEST_F(CoverageOfLines, IsHowOftenTheyRan) {
  const auto from = library(kSource);
  ASSERT_TRUE(from);
  const auto walk = pipeline(from.get(), "walk");
  const auto out = buffer(std::vector<std::uint32_t>(10));
  ASSERT_TRUE(walk);
  ASSERT_EQ(run(walk.get(), {out.get()}, {10, 1, 1}, {5, 1, 1}), "");
  const auto results = values<std::uint32_t>(out.get());

  const Coverage counted = take_coverage();
  ASSERT_EQ(counted.files.size(), 2u);
  const Coverage::File& file = counted.files.at("shaders/walk.metal");
  using Lines = std::map<std::uint32_t, std::uint64_t>;
  EXPECT_EQ(file.lines,
            (Lines{{5, 10},           // half_of: for uint and for int
                   {6, 10},  {7, 5},  // 0 2 4 6 8
                   {8, 5},   {9, 10},  {22, 10}, {23, 10}, {24, 10},
                   {25, 10}, {26, 10}, {27, 55},  // 45 rounds, and the ends of ten loops
                   {28, 45}, {29, 11},            // six threads have i > 3, five i > 4
                   {30, 34}, {32, 10}, {33, 4},  {34, 6},  {35, 0},
                   {36, 0},  {37, 6},  {39, 10}, {41, 4},  // 0 3 6 9
                   {42, 4},  {44, 3},                      // 1 4 7
                   {46, 6},                                // and 2 5 8
                   {48, 10}, {49, 10}, {50, 10}}));
  EXPECT_EQ(file.kernels, (std::map<std::string, Coverage::Kernel>{{"walk", {22, 10}}}));
  // From 1: none; 4: 2 steps; 7: 5 (of 16); 2: 1; 5: 5; 8: 3.
  EXPECT_EQ(counted.files.at("shaders/helper.h").lines,
            (Lines{{1, 6}, {2, 6}, {3, 20}, {4, 16}, {5, 4}, {6, 16}, {8, 6}}));

  // The same results as without.
  const ScopedOptions plain{Options()};
  ASSERT_EQ(run(walk.get(), {out.get()}, {10, 1, 1}, {5, 1, 1}), "");
  EXPECT_EQ(values<std::uint32_t>(out.get()), results);
  const Coverage again = take_coverage();
  for (const auto& [line, count] : again.files.at("shaders/walk.metal").lines) {
    EXPECT_EQ(count, 0u) << line;
  }
}

TEST_F(CoverageOfLines, AddsUpKernelsOfOneFileAndOutlivesThem) {
  const auto out = buffer(std::vector<std::uint32_t>(10));
  {
    const auto from = library(kSource);
    ASSERT_TRUE(from);
    const auto walk = pipeline(from.get(), "walk");
    const auto other = pipeline(from.get(), "other");
    ASSERT_TRUE(walk && other);
    ASSERT_EQ(run(walk.get(), {out.get()}, {10, 1, 1}, {5, 1, 1}), "");
    ASSERT_EQ(run(other.get(), {out.get()}, {3, 1, 1}, {3, 1, 1}), "");
    ASSERT_EQ(run(other.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  }
  Coverage counted = take_coverage();
  const Coverage::File& file = counted.files.at("shaders/walk.metal");
  EXPECT_EQ(file.kernels,
            (std::map<std::string, Coverage::Kernel>{{"walk", {22, 10}}, {"other", {52, 4}}}));
  EXPECT_EQ(file.lines.at(7), 5u + 2 + 1);
  EXPECT_EQ(file.lines.at(54), 4u);
  EXPECT_FALSE(file.lines.contains(59));  // never
  EXPECT_TRUE(take_coverage().files.empty());

  Coverage more;
  more.files["shaders/walk.metal"].lines = {{7, 1}, {59, 2}};
  more.files["shaders/walk.metal"].kernels = {{"other", {53, 1}}, {"never", {58, 2}}};
  counted += more;
  EXPECT_EQ(file.lines.at(7), 9u);
  EXPECT_EQ(file.lines.at(59), 2u);
  EXPECT_EQ(file.kernels.at("other").threads, 5u);
  EXPECT_EQ(file.kernels.at("never").threads, 2u);
}

TEST_F(CoverageOfLines, KeepsSourcesWithoutNamesApart) {
  const auto first = pipeline("kernel void k(device uint* out) { out[0] = 1; }", "k");
  const auto second = pipeline("kernel void k(device uint* out) { out[0] = 2; }", "k");
  ASSERT_TRUE(first && second);
  const auto out = buffer(std::vector<std::uint32_t>(1));
  ASSERT_EQ(run(first.get(), {out.get()}, {3, 1, 1}, {1, 1, 1}), "");
  ASSERT_EQ(run(second.get(), {out.get()}, {2, 1, 1}, {1, 1, 1}), "");
  const Coverage counted = take_coverage();
  ASSERT_EQ(counted.files.size(), 2u);
  std::uint64_t threads = 0;
  for (const auto& [name, file] : counted.files) {
    EXPECT_TRUE(name.starts_with("program_source-")) << name;
    threads = threads * 10 + file.kernels.at("k").threads;
  }
  EXPECT_TRUE(threads == 32 || threads == 23) << threads;
}

TEST_F(CoverageOfLines, CannotBeCollectedUnderChecks) {
  Options both = with_coverage();
  both.checks = CheckSet::all();
  const ScopedOptions scope(both);
  const auto from = library("kernel void k() {}");
  ASSERT_TRUE(from);
  const auto function = NS::TransferPtr(from->newFunction(text("k")));
  NS::Error* error = nullptr;
  EXPECT_EQ(device_->newComputePipelineState(function.get(), &error), nullptr);
  ASSERT_NE(error, nullptr);
  EXPECT_NE(std::string(error->localizedDescription()->utf8String())
                .find("cannot be collected while checks are on"),
            std::string::npos);
}

TEST(CoverageAsLcov, ListsFilesKernelsAndLines) {
  Coverage coverage;
  coverage.files["a.metal"] = {.lines = {{3, 12345678901}, {4, 0}, {10, 1}},
                               .kernels = {{"sum_f32", {3, 64}}, {"idle", {9, 0}}}};
  coverage.files["include/b.h"] = {.lines = {{1, 0}}, .kernels = {}};
  EXPECT_EQ(coverage.to_lcov(),
            "TN:softmetal\nSF:a.metal\nFN:9,idle\nFN:3,sum_f32\nFNDA:0,idle\nFNDA:64,sum_f32\n"
            "FNF:2\nFNH:1\nDA:3,12345678901\nDA:4,0\nDA:10,1\nLF:3\nLH:2\nend_of_record\n"
            "TN:softmetal\nSF:include/b.h\nFNF:0\nFNH:0\nDA:1,0\nLF:1\nLH:0\nend_of_record\n");
}

TEST(CoverageAsLcov, IsWrittenWholeUnderTheProcessId) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("softmetal-coverage-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "there.metal") << "kernel void k() {}";
  Coverage coverage;
  coverage.files[(folder / "." / "there.metal").string()].lines[1] = 7;
  write_coverage(coverage, (folder / "out-%p.info").string());
  std::ifstream file(folder / ("out-" + std::to_string(getpid()) + ".info"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, coverage.to_lcov());
  EXPECT_THROW(write_coverage(coverage, (folder / "none" / "out.info").string()), ingot::Error);
  std::filesystem::remove_all(folder);
}

// In a process of its own: what SOFTMETAL_COVERAGE names is written when it ends.
TEST(CoverageOfAProcess, IsWrittenToTheFileOfTheEnvironment) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("softmetal-exit-" + std::to_string(getpid()) + ".info");
  const std::string command =
      "SOFTMETAL_COVERAGE=" + path.string() + " /proc/" + std::to_string(getpid()) +
      "/exe --gtest_also_run_disabled_tests --gtest_filter=CoverageAtExit.DISABLED_RunsAKernel"
      " >/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find("SF:exit.metal\n"), std::string::npos) << text;
  EXPECT_NE(text.find("FNDA:5,k\n"), std::string::npos) << text;
  EXPECT_NE(text.find("DA:1,5\n"), std::string::npos) << text;
  std::filesystem::remove(path);
}

class CoverageAtExit : public SoftMetal {};

TEST_F(CoverageAtExit, DISABLED_RunsAKernel) {
  const auto state =
      pipeline("#line 1 \"exit.metal\"\nkernel void k(device uint* out) { out[0] = 1; }", "k");
  const auto out = buffer(std::vector<std::uint32_t>(1));
  ASSERT_EQ(run(state.get(), {out.get()}, {5, 1, 1}, {5, 1, 1}), "");
}

}  // namespace
}  // namespace softmetal::testing
