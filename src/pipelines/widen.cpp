#include "pipelines/widen.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipelines/widen.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

void widen_f16(const float16* x, float* y, size_t count) {
  map_f32(x, y, count, [](VF32 v) HWY_ATTR { return v; });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(widen_f16);

void widen(const float16* x, float* y, size_t count) {
  HWY_DYNAMIC_DISPATCH(widen_f16)(x, y, count);
}

}  // namespace ingot
#endif
