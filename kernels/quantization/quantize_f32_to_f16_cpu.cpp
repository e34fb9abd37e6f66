#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantization/quantize_f32_to_f16_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/elementwise-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

struct Identity {
  template <class D, class V>
  HWY_INLINE V operator()(D, V x) const {
    return x;
  }
};

}  // namespace

void quantize_f32_to_f16(const kernels::UnaryLoop& loop, int64_t begin, int64_t end) {
  map_unary<float, float16>(loop, begin, end, Identity());
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(quantize_f32_to_f16);

namespace kernels {

void quantize_f32_to_f16_cpu(const CpuContext&, const Call& call) {
  run_unary(call.in("x"), call.out("y"), HWY_DYNAMIC_DISPATCH(quantize_f32_to_f16));
}

}  // namespace kernels
}  // namespace ingot
#endif
