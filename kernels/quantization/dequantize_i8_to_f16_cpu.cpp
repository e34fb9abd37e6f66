#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantization/dequantize_i8_to_f16_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/broadcast-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

struct ByScale {
  template <class D, class V>
  HWY_INLINE V operator()(D, V q, V scale) const {
    return hn::Mul(q, scale);
  }
};

}  // namespace

void dequantize_i8_to_f16(const kernels::BinaryLoop& loop, int64_t begin, int64_t end) {
  map_binary<int8_t, float, float16>(loop, begin, end, ByScale());
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(dequantize_i8_to_f16);

namespace kernels {

void dequantize_i8_to_f16_cpu(const CpuContext&, const Call& call) {
  const Tensor scale = call.in("scale").reshape({call.extent("rows"), 1});
  run_binary(call.in("q"), scale, call.out("x"), HWY_DYNAMIC_DISPATCH(dequantize_i8_to_f16));
}

}  // namespace kernels
}  // namespace ingot
#endif
