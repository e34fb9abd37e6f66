// Mistakes that published Metal kernels have had, each rebuilt as a small kernel, with what mended
// it beside it: the checks name the one and are silent about the other. The projects are named for
// the kind of mistake; their code is not here.
#include <sys/mman.h>

#include "gmock/gmock.h"
#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A kernel `f` of `x` (buffer 0) and `y` (buffer 1), 1024 floats each.
struct KnownBug {
  const char* name;
  Check check;
  const char* source;  // with "@" where the two differ
  const char* broken;
  const char* mended;
  unsigned threads = 128;
  unsigned groups = 1;
};

void PrintTo(const KnownBug& bug, std::ostream* out) {
  *out << bug.name;
}

constexpr const char* kBarrier = "threadgroup_barrier(mem_flags::mem_threadgroup);";

const KnownBug kBugs[] = {
    // MLX: the next chunk's sums overwrote what slower SIMD-groups had not read.
    {"AScanReusesItsPartialSums",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
              uint simd_group [[simdgroup_index_in_threadgroup]]) {
  threadgroup float sums[4];
  float before = 0;
  for (uint first = 0; first < 1024; first += 128) {
    const float sum = simd_prefix_inclusive_sum(x[first + i]);
    if (lane == 31) { sums[simd_group] = sum; }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    float offset = before;
    for (uint k = 0; k < 4; ++k) {
      offset += k < simd_group ? sums[k] : 0;
      before += sums[k];
    }
    y[first + i] = offset + sum;
    @
  }
})",
     "",
     kBarrier},
    // mlx-lm, losses; llama.cpp, norm: one scratch array for the maximum and then for the sum.
    {"ASoftmaxWritesSumsOverMaximaThatOthersStillRead",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
              uint simd_group [[simdgroup_index_in_threadgroup]]) {
  threadgroup float partial[4];
  const float own = simd_max(x[i]);
  if (lane == 0) { partial[simd_group] = own; }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  const float largest = simd_max(lane < 4 ? partial[lane] : -INFINITY);
  @
  const float term = exp(x[i] - largest);
  const float sum = simd_sum(term);
  if (lane == 0) { partial[simd_group] = sum; }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = term / simd_sum(lane < 4 ? partial[lane] : 0);
})",
     "",
     kBarrier},
    // candle, mlx-lm: a barrier that holds threads up and orders no memory.
    {"ATreeReductionOrdersNoMemory",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float sums[128];
  sums[i] = x[i];
  for (uint half_ = 64; half_ > 0; half_ /= 2) {
    threadgroup_barrier(mem_flags::@);
    if (i < half_) { sums[i] += sums[i + half_]; }
  }
  if (i == 0) { y[0] = sums[0]; }
})",
     "mem_none",
     "mem_threadgroup"},
    // llama.cpp, norm: one thread publishes the mean.
    {"AMeanIsReadBeforeItIsThere",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float mean;
  if (i == 0) {
    float sum = 0;
    for (uint k = 0; k < 128; ++k) { sum += x[k]; }
    mean = sum / 128;
  }
  @
  y[i] = x[i] - mean;
})",
     "",
     kBarrier},
    // llama.cpp, matrix product: the next tiles are loaded while others still multiply.
    {"AMatrixProductLoadsOverItsTiles",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint2 at [[thread_position_in_threadgroup]],
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float a[128], b[128];
  float sum = 0;
  for (uint tile = 0; tile < 4; ++tile) {
    a[i] = x[tile * 128 + i];
    b[i] = x[512 + tile * 128 + i];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint k = 0; k < 8; ++k) { sum += a[i / 8 * 8 + k] * b[k * 8 + i % 8]; }
    @
  }
  y[i] = sum;
})",
     "",
     kBarrier},
    // Bitonic sorts: each stage reads what other threads exchanged in the stage before.
    {"ABitonicSortRunsItsStagesTogether",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float keys[128];
  keys[i] = x[i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint size = 2; size <= 128; size *= 2) {
    for (uint distance = size / 2; distance > 0; distance /= 2) {
      const uint other = i ^ distance;
      if (other > i && (keys[i] > keys[other]) == ((i & size) == 0)) {
        const float key = keys[i];
        keys[i] = keys[other];
        keys[other] = key;
      }
      @
    }
  }
  y[i] = keys[i];
})",
     "",
     kBarrier},
    // CUDA kernels carried over to Metal: a row has fewer SIMD-groups than the array has places.
    {"ASumReadsPartialsOfSimdGroupsThatDoNotExist",
     Check::kUninitialised,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
              uint simd_group [[simdgroup_index_in_threadgroup]],
              uint simd_groups [[simdgroups_per_threadgroup]]) {
  threadgroup float partial[32];
  const float own = simd_sum(x[i]);
  if (lane == 0) { partial[simd_group] = own; }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (simd_group == 0) {
    const float sum = simd_sum(@);
    if (lane == 0) { y[0] = sum; }
  }
})",
     "partial[lane]",
     "lane < simd_groups ? partial[lane] : 0.0f"},
    // The same with an array of the right size; Metal.jl sized it for one kernel and launched
    // another.
    {"AScratchArrayIsSmallerThanTheGroup",
     Check::kBounds,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float scratch[@];
  scratch[i] = x[i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = scratch[127 - i];
})",
     "64",
     "128"},
    // Histograms and split sums: who clears the bins?
    {"AHistogramCountsFromNothing",
     Check::kUninitialised,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup atomic_uint bins[128];
  @
  threadgroup_barrier(mem_flags::mem_threadgroup);
  atomic_fetch_add_explicit(&bins[uint(x[i]) % 128], 1u, memory_order_relaxed);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = atomic_load_explicit(&bins[0], memory_order_relaxed);
})",
     "",
     "atomic_store_explicit(&bins[i], 0u, memory_order_relaxed);"},
    // Tiled products: accumulators in an array that the loop only adds to.
    {"AccumulatorsStartAnywhere",
     Check::kUninitialised,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  float sums[8]@;
  for (uint k = 0; k < 64; ++k) { sums[(uint(x[k]) + k) % 8] += x[k]; }
  y[i] = sums[i % 8];
})",
     "",
     " = {}"},
    // mlx-node, vllm-mlx and many: rows beyond the end leave before a barrier.
    {"RowsBeyondTheEndReturnBeforeABarrier",
     Check::kBarrier,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float row[128];
  @
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (i < 100) { y[i] = row[99 - i]; }
})",
     "if (i >= 100) { return; } row[i] = x[i];",
     "if (i < 100) { row[i] = x[i]; }"},
    // Loops over a row whose length is no multiple of the group's.
    {"ABarrierInALoopOfDifferentLengths",
     Check::kBarrier,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float tile[128];
  for (uint first = 0; @ < 300; first += 128) {
    tile[i] = first + i < 300 ? x[first + i] : 0;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (first + i < 300) { y[first + i] = tile[127 - i]; }
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
})",
     "first + i",
     "first"},
    // MoltenVK: what is only a memory barrier elsewhere became one that all threads must reach.
    {"ABarrierInOneBranch",
     Check::kBarrier,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  y[i] = x[i];
  if (i % 2 == 0@) { threadgroup_barrier(mem_flags::mem_device); }
  y[i] += 1;
})",
     "",
     " || true"},
    // Copies of four elements a thread whose last thread has fewer.
    {"ACopyRunsOverItsTail",
     Check::kBounds,
     R"(kernel void f(device const float* x, device float* y, uint i [[thread_position_in_grid]]) {
  for (uint k = 0; k < 4@; ++k) { y[i * 4 + k] = x[i * 4 + k]; }
})",
     "",
     " && i * 4 + k < 1024",
     129,
     2},
    // MLX, strided scan: a grid rounded up in one dimension more than it has.
    {"AGridHasMoreGroupsThanTheOutput",
     Check::kBounds,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]],
              uint group [[threadgroup_position_in_grid]]) {
  @
  y[group * 128 + i] = x[group % 8 * 128 + i];
})",
     "",
     "if (group >= 8) { return; }",
     128,
     9},
    // Rolls and removals in place.
    {"AShiftInPlaceReadsWhatOthersHaveWritten",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  const float next = y[i + 1];
  @
  y[i] = next;
})",
     "",
     "threadgroup_barrier(mem_flags::mem_device);"},
    // llama.cpp, matrix product: rows are stored four elements at once, whatever their length.
    {"ARowOfVectorsStartsAnywhere",
     Check::kAlignment,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  *(device float4*)(y + i * @) = float4(x[i]);
})",
     "5",
     "4"},
    // Reductions of a row's tail: what do the lanes contribute that are not there?
    {"AMaximumOfSomeLanes",
     Check::kDivergence,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]]) {
  float largest = 0;
  @
  y[i] = largest;
})",
     "if (i < 100) { largest = simd_max(x[i]); }",
     "largest = simd_max(i < 100 ? x[i] : -INFINITY);"},
    // antirez/ds4, attention: no barrier reaches the other heads' groups.
    {"AGroupReadsWhatAnotherOneWrites",
     Check::kRace,
     R"(kernel void f(device const float* x, device float* y,
              uint i [[thread_index_in_threadgroup]],
              uint group [[threadgroup_position_in_grid]]) {
  if (@) { y[i] = x[i]; }
  threadgroup_barrier(mem_flags::mem_device);
  y[128 * (group + 1) + i] = group == 0 ? y[127 - i] : x[i];
})",
     "group == 1",
     "group == 0",
     128,
     2},
};

class KnownBugs : public Checked, public ::testing::WithParamInterface<KnownBug> {
 protected:
  std::vector<Finding> find_in(const char* text) {
    const KnownBug& bug = GetParam();
    std::string source = bug.source;
    source.replace(source.find('@'), 1, text);
    const auto state = checked(source);
    const auto x = buffer(std::vector<float>(1024, 1)), y = buffer(std::vector<float>(1024));
    return find(state.get(),
                {x.get(), y.get()},
                MTL::Size(bug.threads * bug.groups, 1, 1),
                MTL::Size(bug.threads, 1, 1));
  }
};

TEST_P(KnownBugs, AreNamed) {
  const auto findings = find_in(GetParam().broken);
  EXPECT_THAT(findings, Contains(Field(&Finding::check, GetParam().check))) << texts(findings);
  for (const Finding& finding : findings) {
    EXPECT_TRUE(finding.is_advice || finding.check == GetParam().check) << to_string(finding);
    EXPECT_EQ(finding.kernel, "f");
  }
}

TEST_P(KnownBugs, AreGoneWhenMended) {
  const auto findings = find_in(GetParam().mended);
  EXPECT_THAT(findings, IsEmpty()) << texts(findings);
  EXPECT_EQ(failure_, "");
}

INSTANTIATE_TEST_SUITE_P(Softmetal, KnownBugs, ::testing::ValuesIn(kBugs), [](const auto& info) {
  return std::string(info.param.name);
});

class KnownLimits : public Checked {};

// PyTorch, concatenation: the offset of a row beyond 2^31 elements wrapped to before the output.
TEST_F(KnownLimits, AnOffsetOf32BitsWrapsToBeforeTheBuffer) {
  Options only = all_checks();
  only.checks = CheckSet().with(Check::kBounds);
  set_options(only);
  constexpr std::size_t kRows = 32769, kRow = 65536;
  void* memory = mmap(nullptr,
                      kRows * kRow,
                      PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1,
                      0);
  ASSERT_NE(memory, MAP_FAILED);
  {
    const auto out = NS::TransferPtr(
        device_->newBuffer(memory, kRows * kRow, MTL::ResourceStorageModeShared, nullptr));
    const auto find_with = [&](const std::string& type) {
      const auto state = checked(
          "kernel void f(device char* out, uint i [[thread_position_in_grid]]) {\n"
          "  const " +
          type + " offset = " + type + "(32768u * " + type +
          "(65536));\n"
          "  out[offset + " +
          type + "(i)] = 1;\n}");
      return find(state.get(), {out.get()}, MTL::Size(32, 1, 1), MTL::Size(32, 1, 1));
    };
    const auto findings = find_with("int");
    ASSERT_THAT(findings, Each(Field(&Finding::check, Check::kBounds)));
    ASSERT_FALSE(findings.empty());
    EXPECT_EQ(findings[0].place.line, 3u);
    EXPECT_THAT(find_with("long"), IsEmpty());
    EXPECT_EQ(static_cast<char*>(memory)[kRow * (kRows - 1) + 31], 1);
  }
  munmap(memory, kRows * kRow);
}

// candle, sort: a row longer than a threadgroup may be was sorted to zeros, without an error.
TEST_F(KnownLimits, AGroupLargerThanTheLimitIsRefused) {
  const auto state = checked(
      "kernel void f(device float* x, uint i [[thread_position_in_grid]]) { "
      "x[i] = i; }");
  const auto x = buffer(std::vector<float>(2048));
  find(state.get(), {x.get()}, MTL::Size(2048, 1, 1), MTL::Size(2048, 1, 1));
  EXPECT_THAT(failure_, HasSubstr("1024"));
  find(state.get(), {x.get()}, MTL::Size(2048, 1, 1), MTL::Size(1024, 1, 1));
  EXPECT_EQ(failure_, "");
}

// Single-pass scans: a group waits for the sum of the one before it.
class LookBack : public Checked {
 protected:
  std::vector<Finding> scan(const std::string& number,
                            const std::string& publish,
                            const char* order) {
    Options options = all_checks();
    options.schedule = Schedule::parse(order);
    set_options(options);
    const auto state =
        checked(R"(kernel void f(device atomic_uint* flags, device uint* sums,
              device atomic_uint* count, uint position [[threadgroup_position_in_grid]]) {
  const uint group = )" +
                number + R"(;
  uint before = 0;
  if (group > 0) {
    while (atomic_load_explicit(&flags[group - 1], memory_order_relaxed) == 0) {}
    )" +
                (publish.empty()
                     ? ""
                     : "atomic_thread_fence(mem_flags::mem_device, memory_order_seq_cst, "
                       "thread_scope_device);") +
                R"(
    before = sums[group - 1];
  }
  sums[group] = before + group;
  )" + publish + R"(
  atomic_store_explicit(&flags[group], 1u, memory_order_relaxed);
})");
    const auto flags = buffer(std::vector<std::uint32_t>(8));
    const auto sums = buffer(std::vector<std::uint32_t>(8));
    const auto count = buffer(std::vector<std::uint32_t>(1));
    return find(state.get(),
                {flags.get(), sums.get(), count.get()},
                MTL::Size(8, 1, 1),
                MTL::Size(1, 1, 1));
  }

  static constexpr const char* kTaken =
      "atomic_fetch_add_explicit(count, 1u, memory_order_relaxed)";
  static constexpr const char* kFence =
      "atomic_thread_fence(mem_flags::mem_device, memory_order_seq_cst, thread_scope_device);";
};

TEST_F(LookBack, WaitingForAGroupThatMayNotRunIsAHang) {
  EXPECT_THAT(scan("position", kFence, "reverse"), Contains(Field(&Finding::check, Check::kHang)));
  for (const char* order : {"forward", "reverse", "adversarial", "random:1"}) {
    const auto findings = scan(kTaken, kFence, order);
    EXPECT_THAT(findings, IsEmpty()) << order << texts(findings);
  }
}

TEST_F(LookBack, AFlagThatOrdersNothingIsARace) {
  const auto findings = scan(kTaken, "", "forward");
  EXPECT_THAT(findings, Contains(Field(&Finding::check, Check::kRace))) << texts(findings);
}

}  // namespace
}  // namespace softmetal::testing
