#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantization/quantize_f32_to_f16_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/simd-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

void quantize_f32_to_f16(const float* x, float16* y, size_t count) {
  map_f32(x, y, count, [](VF32 v) HWY_ATTR { return v; });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(quantize_f32_to_f16);

namespace kernels {

void quantize_f32_to_f16_cpu(const CpuContext&, const Call& call) {
  const auto* x = call.in("x").host_as<const float>();
  auto* y = call.out("y").host_as<float16>();
  parallel_for(call.in("x").elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(quantize_f32_to_f16)(
        x + begin, y + begin, static_cast<size_t>(end - begin));
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
