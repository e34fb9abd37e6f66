// The shaders' Philox function with counters that PRNG_PHILOX itself never uses.
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/msl_kernel.hpp"
#include "ingot/tensor.hpp"

#include "tests/unit/gpu_preference.hpp"

namespace ingot {
namespace {

// Random123's file of known answers, kat_vectors: counter, key and result of philox4x32-10.
TEST(Philox, KnownAnswers) {
  const MslKernel kernel = {R"(
#include "ingot/philox.h"
kernel void known_answers(device const uint* counters [[buffer(0)]],
                          device const uint* keys [[buffer(1)]],
                          device uint4* results [[buffer(2)]],
                          uint i [[thread_position_in_grid]]) {
  device const uint* c = counters + 4 * i;
  results[i] = philox(uint4(c[0], c[1], c[2], c[3]), uint2(keys[2 * i], keys[2 * i + 1]));
}
)",
                            "known_answers"};
  const uint32_t ones = 0xffffffff;
  const std::vector<uint32_t> counters = {
      0, 0, 0, 0, ones, ones, ones, ones, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
  const std::vector<uint32_t> keys = {0, 0, ones, ones, 0xa4093822, 0x299f31d0};
  const std::vector<uint32_t> answers = {0x6627e8d5,
                                         0xe169c58d,
                                         0xbc57ac4c,
                                         0x9b00dbd8,
                                         0x408f276d,
                                         0x41c83b0e,
                                         0xa20bc7c6,
                                         0x6d5451fd,
                                         0xd16cfe09,
                                         0x94fdcceb,
                                         0x5001e420,
                                         0x24126ea1};
  const Backend backend = init_backend(kGpu);
  const Tensor results = run_msl(
      backend,
      kernel,
      {backend.to_device(counters), backend.to_device(keys), MslOutput{DType::kU32, {3, 4}}},
      {{3, 1, 1}, {32, 1, 1}})[0];
  EXPECT_EQ(results.to_vector<uint32_t>(), answers);
}

}  // namespace
}  // namespace ingot
