#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise_binary/map_add_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/broadcast-inl.h"
#include "kernels/common/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

struct Add {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Add(a, b);
  }
};

}  // namespace

void map_add(const kernels::BinaryLoop& loop, int64_t begin, int64_t end) {
  kernels::visit_among<float, float16, bfloat16, int32_t, uint32_t, int64_t>(
      loop.dtype, [&]<class T>() { map_binary<T, T, T>(loop, begin, end, Add()); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(map_add);

namespace kernels {

void map_add_cpu(const CpuContext&, const Call& call) {
  run_binary(call.in("a"), call.in("b"), call.out("y"), HWY_DYNAMIC_DISPATCH(map_add));
}

}  // namespace kernels
}  // namespace ingot
#endif
