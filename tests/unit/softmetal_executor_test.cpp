// Thread positions, barriers, threadgroup memory and atomics.
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Executor = SoftMetal;

TEST_F(Executor, GivesEveryThreadItsPositions) {
  // A 7 x 5 x 2 grid in groups of 4 x 4 x 1: the last groups are 3 wide and 1 high.
  const auto state = pipeline(R"(
    kernel void positions(device uint* out,
                          uint3 grid [[thread_position_in_grid]],
                          uint3 size [[threads_per_grid]],
                          ushort3 local [[thread_position_in_threadgroup]],
                          uint3 group [[threadgroup_position_in_grid]],
                          uint3 groups [[threadgroups_per_grid]],
                          uint2 actual [[threads_per_threadgroup]],
                          uint2 dispatched [[dispatch_threads_per_threadgroup]],
                          uint index [[thread_index_in_threadgroup]],
                          uint lane [[thread_index_in_simdgroup]],
                          uint simd_group [[simdgroup_index_in_threadgroup]],
                          uint simd_groups [[simdgroups_per_threadgroup]],
                          uint width [[threads_per_simdgroup]]) {
      device uint* o = out + 24 * (grid.x + size.x * (grid.y + size.y * grid.z));
      o[0] = grid.x; o[1] = grid.y; o[2] = grid.z;
      o[3] = local.x; o[4] = local.y; o[5] = local.z;
      o[6] = group.x; o[7] = group.y; o[8] = group.z;
      o[9] = groups.x; o[10] = groups.y; o[11] = groups.z;
      o[12] = actual.x; o[13] = actual.y; o[14] = dispatched.x; o[15] = dispatched.y;
      o[16] = index; o[17] = lane; o[18] = simd_group; o[19] = simd_groups; o[20] = width;
      o[21] = size.x; o[22] = size.y; o[23] = size.z;
    })",
                              "positions");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint32_t>(24 * 7 * 5 * 2, 999));
  ASSERT_EQ(run(state.get(), {out.get()}, {7, 5, 2}, {4, 4, 1}), "");
  const auto result = values<std::uint32_t>(out.get());
  for (unsigned z = 0; z < 2; ++z) {
    for (unsigned y = 0; y < 5; ++y) {
      for (unsigned x = 0; x < 7; ++x) {
        const unsigned width = x < 4 ? 4 : 3, height = y < 4 ? 4 : 1;
        const unsigned index = x % 4 + y % 4 * width;
        const std::array<unsigned, 24> expected = {x, y, z,  x % 4, y % 4,  0, x / 4, y / 4, z,
                                                   2, 2, 2,  width, height, 4, 4,     index, index,
                                                   0, 1, 32, 7,     5,      2};
        ASSERT_TRUE(
            std::equal(expected.begin(), expected.end(), &result[24 * (x + 7 * (y + 5 * z))]))
            << x << " " << y << " " << z;
      }
    }
  }
}

// Each round every thread reads its neighbour's value of the round before.
constexpr const char* kRotate = R"(
  kernel void rotate_values(device uint* out, constant uint& rounds,
                            uint i [[thread_index_in_threadgroup]],
                            uint n [[threads_per_threadgroup]],
                            uint first [[thread_position_in_grid]]) {
    threadgroup uint values[1024];
    values[i] = first;
    for (uint r = 0; r < rounds; ++r) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
      const uint next = values[(i + 1) % n];
      threadgroup_barrier(mem_flags::mem_threadgroup);
      values[i] = next;
    }
    out[first] = values[i];
  })";

TEST_F(Executor, BarriersKeepRoundsApart) {
  const auto state = pipeline(kRotate, "rotate_values");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->staticThreadgroupMemoryLength(), 4096u);
  for (const unsigned size : {1u, 2u, 31u, 33u, 256u, 1024u}) {
    const unsigned groups = 5, rounds = 7;
    const auto out = buffer(std::vector<std::uint32_t>(size * groups, ~0u));
    const auto count = buffer(std::vector<std::uint32_t>{rounds});
    ASSERT_EQ(run(state.get(), {out.get(), count.get()}, {size * groups, 1, 1}, {size, 1, 1}), "");
    const auto result = values<std::uint32_t>(out.get());
    for (unsigned i = 0; i < result.size(); ++i) {
      ASSERT_EQ(result[i], i / size * size + (i % size + rounds) % size) << size;
    }
  }
}

TEST_F(Executor, ThreadgroupMemoryStartsPoisonedInEveryGroup) {
  const auto state = pipeline(R"(
    kernel void stale(device uint* out, threadgroup uint* argument [[threadgroup(0)]],
                      uint g [[threadgroup_position_in_grid]]) {
      threadgroup uint variable;
      out[2 * g] = variable;
      out[2 * g + 1] = argument[3];
      variable = 1;
      argument[3] = 2;
    })",
                              "stale");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint32_t>(200));
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setComputePipelineState(state.get());
  encoder->setBuffer(out.get(), 0, 0);
  encoder->setThreadgroupMemoryLength(16, 0);
  encoder->dispatchThreadgroups({100, 1, 1}, {1, 1, 1});
  encoder->endEncoding();
  ASSERT_EQ(finish(commands), "");
  for (const std::uint32_t value : values<std::uint32_t>(out.get())) {
    EXPECT_EQ(value, 0xCBCBCBCBu);
  }
}

TEST_F(Executor, TwoDimensionalTilesTranspose) {
  const auto state = pipeline(R"(
    constant uint kTile = 16;
    kernel void transpose(device const float* in, device float* out, constant uint2& shape,
                          uint2 local [[thread_position_in_threadgroup]],
                          uint2 group [[threadgroup_position_in_grid]]) {
      threadgroup float tile[kTile][kTile + 1];
      const uint2 from = group * kTile + local;
      if (from.x < shape.x && from.y < shape.y) {
        tile[local.y][local.x] = in[from.y * shape.x + from.x];
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      const uint2 to = group.yx * kTile + local;
      if (to.x < shape.y && to.y < shape.x) {
        out[to.y * shape.y + to.x] = tile[local.x][local.y];
      }
    })",
                              "transpose");
  ASSERT_TRUE(state);
  const unsigned width = 37, height = 50;
  std::vector<float> matrix(width * height);
  std::iota(matrix.begin(), matrix.end(), 0.0f);
  const auto in = buffer(matrix), out = buffer(std::vector<float>(matrix.size(), -1));
  const auto shape = buffer(std::vector<std::uint32_t>{width, height});
  ASSERT_EQ(run(state.get(), {in.get(), out.get(), shape.get()}, {48, 64, 1}, {16, 16, 1}), "");
  const auto result = values<float>(out.get());
  for (unsigned y = 0; y < height; ++y) {
    for (unsigned x = 0; x < width; ++x) {
      ASSERT_EQ(result[x * height + y], matrix[y * width + x]);
    }
  }
}

TEST_F(Executor, AtomicsCountAcrossGroups) {
  const auto state = pipeline(R"(
    kernel void count(device atomic_uint* counts, device atomic_float* sum,
                      device atomic_int* extremes, uint i [[thread_position_in_grid]]) {
      atomic_fetch_add_explicit(&counts[i % 7], 1u, memory_order_relaxed);
      atomic_fetch_add_explicit(sum, 0.5f, memory_order_relaxed);
      atomic_fetch_max_explicit(&extremes[0], int(i), memory_order_relaxed);
      atomic_fetch_min_explicit(&extremes[1], -int(i), memory_order_relaxed);
      uint expected = atomic_load_explicit(&counts[7], memory_order_relaxed);
      while (!atomic_compare_exchange_weak_explicit(&counts[7], &expected, expected + 3,
                                                    memory_order_relaxed, memory_order_relaxed)) {
      }
    })",
                              "count");
  ASSERT_TRUE(state);
  const unsigned n = 20000;
  const auto counts = buffer(std::vector<std::uint32_t>(8, 0));
  const auto sum = buffer(std::vector<float>{0});
  const auto extremes = buffer(std::vector<std::int32_t>{0, 0});
  ASSERT_EQ(run(state.get(), {counts.get(), sum.get(), extremes.get()}, {n, 1, 1}, {64, 1, 1}), "");
  const auto result = values<std::uint32_t>(counts.get());
  for (unsigned i = 0; i < 7; ++i) {
    EXPECT_EQ(result[i], (n - i + 6) / 7);
  }
  EXPECT_EQ(result[7], 3 * n);
  EXPECT_EQ(values<float>(sum.get())[0], n * 0.5f);
  EXPECT_EQ(values<std::int32_t>(extremes.get()), (std::vector<std::int32_t>{n - 1, -int(n - 1)}));
}

TEST_F(Executor, ReportsABarrierThatSomeThreadsNeverReach) {
  const auto state = pipeline(R"(
    kernel void leaves(device uint* out, uint i [[thread_index_in_threadgroup]]) {
      if (i >= 40) {
        return;
      }
      threadgroup_barrier(mem_flags::mem_device);
      out[i] = i;
    })",
                              "leaves");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint32_t>(64));
  const std::string error = run(state.get(), {out.get()}, {64, 1, 1}, {64, 1, 1});
  EXPECT_NE(error.find("kernel 'leaves'"), std::string::npos) << error;
  EXPECT_NE(error.find("40 of 64 threads wait in a barrier"), std::string::npos) << error;
  // The device goes on.
  EXPECT_EQ(run(state.get(), {out.get()}, {40, 1, 1}, {40, 1, 1}), "");
}

TEST_F(Executor, ThreadsMayReturnAfterTheLastBarrier) {
  const auto state = pipeline(R"(
    kernel void last(device uint* out, uint i [[thread_index_in_threadgroup]]) {
      threadgroup_barrier(mem_flags::mem_device);
      if (i % 3 == 0) {
        return;
      }
      out[i] = i;
    })",
                              "last");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint32_t>(96, 0));
  ASSERT_EQ(run(state.get(), {out.get()}, {96, 1, 1}, {96, 1, 1}), "");
  const auto result = values<std::uint32_t>(out.get());
  for (unsigned i = 0; i < 96; ++i) {
    EXPECT_EQ(result[i], i % 3 == 0 ? 0 : i);
  }
}

TEST_F(Executor, KernelsOfOneSourceHaveTheirOwnThreadgroupMemory) {
  const auto from = library(R"(
    #include <metal_stdlib>
    using namespace metal;
    template <typename T, int N>
    kernel void fill(device T* out, uint i [[thread_index_in_threadgroup]]) {
      threadgroup T values[N];
      values[i] = T(i);
      threadgroup_barrier(mem_flags::mem_threadgroup);
      out[i] = values[N - 1 - i];
    }
    template [[host_name("fill_f32_64")]] kernel void fill<float, 64>(device float*, uint);
    template [[host_name("fill_u16_8")]] kernel void fill<ushort, 8>(device ushort*, uint);
    kernel void none(device float* out) { out[0] = 1; }
  )");
  ASSERT_TRUE(from);
  const auto floats = pipeline(from.get(), "fill_f32_64");
  const auto shorts = pipeline(from.get(), "fill_u16_8");
  const auto none = pipeline(from.get(), "none");
  ASSERT_TRUE(floats && shorts && none);
  EXPECT_EQ(floats->staticThreadgroupMemoryLength(), 256u);
  EXPECT_EQ(shorts->staticThreadgroupMemoryLength(), 16u);
  EXPECT_EQ(none->staticThreadgroupMemoryLength(), 0u);
  const auto out = buffer(std::vector<float>(64));
  ASSERT_EQ(run(floats.get(), {out.get()}, {64, 1, 1}, {64, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get())[0], 63.0f);
}

}  // namespace
}  // namespace softmetal::testing
