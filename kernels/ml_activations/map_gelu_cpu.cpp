#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ml_activations/map_gelu_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/dispatch.hpp"
#include "kernels/common/elementwise-inl.h"
#include "kernels/common/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

// The formulas, their limits and their sources are those of map_gelu.h.
struct GeluTanh {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V low = hn::IfThenElse(hn::Lt(x, hn::Set(d, -15.0f)), hn::Set(d, -15.0f), x);
    const V c = hn::Min(low, hn::Set(d, 15.0f));
    const V cubic = hn::MulAdd(hn::Mul(hn::Mul(c, c), c), hn::Set(d, 0.044715f), c);
    const V e = exp_nonpositive(d, hn::Mul(hn::Abs(cubic), hn::Set(d, -1.5957691216f)));
    const V one = hn::Set(d, 1.0f);
    const V numerator = hn::IfThenElse(hn::Lt(c, hn::Zero(d)), e, one);
    return hn::Mul(low, hn::Div(numerator, hn::Add(one, e)));
  }
};

template <class D, class V>
HWY_INLINE V normal_tail(D d, V a) {
  const V one = hn::Set(d, 1.0f);
  const V t = hn::Div(one, hn::MulAdd(a, hn::Set(d, 0.34375f), one));
  V p = hn::Set(d, -0.0275822449f);
  p = hn::MulAdd(p, t, hn::Set(d, 0.142804191f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.269681066f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.18874386f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.0379081815f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.1121075f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.116869576f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.137525812f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.137120545f));
  const V half_square = hn::Mul(hn::Mul(a, a), hn::Set(d, -0.5f));
  return hn::Mul(hn::Mul(exp_nonpositive(d, half_square), t), p);
}

struct GeluErf {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V low = hn::IfThenElse(hn::Lt(x, hn::Set(d, -15.0f)), hn::Set(d, -15.0f), x);
    const V c = hn::Min(low, hn::Set(d, 15.0f));
    const V tail = normal_tail(d, hn::Abs(c));
    const V below = hn::IfThenElse(hn::Lt(c, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail));
    return hn::Mul(low, below);
  }
};

}  // namespace

void map_gelu(const kernels::UnaryLoop& loop, bool exact, int64_t begin, int64_t end) {
  kernels::visit_among<float, float16, bfloat16>(loop.dtype, [&]<class T>() {
    if (exact) {
      map_unary<T, T>(loop, begin, end, GeluErf());
    } else {
      map_unary<T, T>(loop, begin, end, GeluTanh());
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(map_gelu);

namespace kernels {

void map_gelu_cpu(const CpuContext&, const Call& call) {
  const bool exact = call.choice("approximate") == "none";
  run_unary(call.in("x"), call.out("y"), [&](const UnaryLoop& loop, int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(map_gelu)(loop, exact, begin, end);
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
