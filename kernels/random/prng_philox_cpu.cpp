#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/random/prng_philox_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/random/philox-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

/// Writes `count` blocks from counter `first` on to `y`.
void prng_philox(uint64_t seed, uint64_t first, size_t count, uint32_t* y) {
  const hn::Repartition<uint32_t, U64> d32;
  const size_t lanes = philox_lanes();
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    philox_vector(seed, first + i, [&](size_t word, VU64 words) HWY_ATTR {
      hn::StoreU(hn::BitCast(d32, words), d32, y + 4 * i + word);
    });
  }
  if (i < count) {
    uint32_t rest[4 * hn::MaxLanes(U64())];
    philox_vector(seed, first + i, [&](size_t word, VU64 words) HWY_ATTR {
      hn::StoreU(hn::BitCast(d32, words), d32, rest + word);
    });
    std::copy(rest, rest + 4 * (count - i), y + 4 * i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(prng_philox);

namespace kernels {

void prng_philox_cpu(const CpuContext&, const Call& call) {
  const auto seed = static_cast<uint64_t>(call.integer("seed"));
  const auto offset = static_cast<uint64_t>(call.integer("offset"));
  auto* y = call.out("y").host_as<uint32_t>();
  parallel_for(call.integer("n"), kElementwiseGrain / 4, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(prng_philox)(seed,
                                      offset + static_cast<uint64_t>(begin),
                                      static_cast<size_t>(end - begin),
                                      y + 4 * begin);
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
