// SIMD functions where the lanes of a SIMD-group go different ways: those that run a call together
// take part in it, and all are together again behind a branch or a loop.
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/msl_kernel.hpp"

#include "tests/conformance/backend_checks.hpp"

namespace ingot::conformance {
namespace {

constexpr uint32_t kLanes = 32;
constexpr uint32_t kThreads = 4 * kLanes;
constexpr const char* kSource = R"(
#include <metal_stdlib>
using namespace metal;

inline uint sum_of_even_lanes(uint lane) {
  if (lane % 2 != 0) {
    return 0;
  }
  return simd_sum(lane);
}

kernel void part(device uint* y [[buffer(0)]], device const uint* turns [[buffer(1)]],
                 uint i [[thread_position_in_grid]], uint threads [[threads_per_grid]],
                 uint lane [[thread_index_in_simdgroup]]) {
  uint by_branch;
  if (lane < 10) {
    by_branch = simd_sum(lane + 1);
  } else {
    by_branch = 1000 + simd_sum(lane + 1);
  }
  uint own = 0;
  for (uint turn = 0; turn < turns[lane]; ++turn) {
    own += turn;
  }
  const uint behind_loop = simd_sum(own);
  uint in_loop = 0;
  for (uint turn = 0; turn < lane; ++turn) {
    in_loop += simd_sum(1u);
  }
  const uint behind_that = simd_sum(1u);
  const uint returned = sum_of_even_lanes(lane);
  uint prefix = 99;
  if (lane % 3 == 0) {
    prefix = simd_prefix_exclusive_sum(lane);
  }
  uint votes = 0;
  if (lane % 2 == 0) {
    if (lane >= 16) {
      votes = uint(ulong(simd_ballot(lane != 20)));
    }
  }
  const uint all = uint(ulong(simd_ballot(true)));
  const uint results[] = {by_branch, behind_loop, in_loop, behind_that, returned, prefix, votes, all};
  for (uint k = 0; k < 8; ++k) {
    y[k * threads + i] = results[k];
  }
}
)";

std::vector<uint32_t> expected(const std::vector<uint32_t>& turns) {
  std::vector<uint32_t> results(8 * kThreads);
  uint32_t sum_behind_loop = 0;
  uint32_t even = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    sum_behind_loop += turns[lane] == 0 ? 0 : turns[lane] * (turns[lane] - 1) / 2;
    even += lane % 2 == 0 ? lane : 0;
  }
  uint32_t votes = 0;
  for (uint32_t lane = 16; lane < kLanes; lane += 2) {
    votes |= lane != 20 ? 1u << lane : 0;
  }
  for (uint32_t i = 0; i < kThreads; ++i) {
    const uint32_t lane = i % kLanes;
    uint32_t in_loop = 0;
    for (uint32_t turn = 0; turn < lane; ++turn) {
      in_loop += kLanes - 1 - turn;  // the lanes above `turn` are still there
    }
    uint32_t prefix = 0;
    for (uint32_t other = 0; other < lane; other += 3) {
      prefix += other;
    }
    const uint32_t of_lane[] = {lane < 10 ? 55u : 1000u + 473u,
                                sum_behind_loop,
                                in_loop,
                                kLanes,
                                lane % 2 == 0 ? even : 0,
                                lane % 3 == 0 ? prefix : 99,
                                lane % 2 == 0 && lane >= 16 ? votes : 0,
                                ~0u};
    for (uint32_t k = 0; k < 8; ++k) {
      results[k * kThreads + i] = of_lane[k];
    }
  }
  return results;
}

void parting_lanes(const Backend& backend) {
  std::vector<uint32_t> turns(kLanes);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    turns[lane] = lane * 7 % 13;
  }
  const Tensor y = run_msl(backend,
                           {kSource, "part"},
                           {MslOutput{DType::kU32, {8, kThreads}}, backend.to_device(turns)},
                           {{kThreads, 1, 1}, {kThreads, 1, 1}})
                       .front();
  const std::vector<uint32_t> found = y.to_vector<uint32_t>();
  const std::vector<uint32_t> wanted = expected(turns);
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(found[i], wanted[i]) << "result " << i / kThreads << " of lane " << i % kLanes;
  }
}

constexpr BackendCheck kChecks[] = {{"Simd", "PartingLanes", parting_lanes}};

}  // namespace

std::span<const BackendCheck> simd_checks() {
  return kChecks;
}

}  // namespace ingot::conformance
