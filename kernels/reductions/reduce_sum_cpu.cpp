#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reductions/reduce_sum_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/dispatch.hpp"
#include "kernels/common/reduction-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

namespace {

// Integers add as unsigned words, so that an overflow wraps.
template <class T>
struct Sum {
  using Input = T;
  using Partial = std::conditional_t<std::is_same_v<T, int64_t>,
                                     uint64_t,
                                     std::conditional_t<std::is_integral_v<T>, uint32_t, float>>;
  using Output = T;
  static HWY_INLINE Partial identity() { return 0; }
  static HWY_INLINE Partial load(T x, int64_t) { return static_cast<Partial>(x); }
  static HWY_INLINE Partial combine(Partial a, Partial b) { return a + b; }
  static HWY_INLINE T finish(Partial sum, int64_t) { return static_cast<T>(sum); }
};

}  // namespace

void reduce_sum(const CpuContext& cpu, const Call& call) {
  const Tensor& x = call.in("x");
  kernels::visit_among<float, float16, bfloat16, int32_t, uint32_t, int64_t>(
      x.dtype(), [&]<class T>() HWY_ATTR {
        reduce<Sum<T>>(
            cpu, kernels::reduction_view(call), x.host_as<const T>(), call.out("y").host_as<T>());
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(reduce_sum);

namespace kernels {

void reduce_sum_cpu(const CpuContext& cpu, const Call& call) {
  HWY_DYNAMIC_DISPATCH(reduce_sum)(cpu, call);
}

}  // namespace kernels
}  // namespace ingot
#endif
