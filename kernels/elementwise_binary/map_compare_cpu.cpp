#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise_binary/map_compare_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/broadcast-inl.h"
#include "kernels/common/dispatch.hpp"
#include "kernels/elementwise_binary/map_compare.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

// Highway 1.0 has no <= of integers on every target; without NaN it is not >.
template <class V>
HWY_INLINE auto less_equal(V a, V b) {
  if constexpr (hwy::IsFloat<hn::TFromV<V>>()) {
    return hn::Le(a, b);
  } else {
    return hn::Not(hn::Lt(b, a));
  }
}

template <Comparison kOp>
struct Compare {
  template <class D, class V>
  HWY_INLINE hn::Mask<D> operator()(D, V a, V b) const {
    switch (kOp) {
      case Comparison::kLess:
        return hn::Lt(a, b);
      case Comparison::kLessEqual:
        return less_equal(a, b);
      case Comparison::kGreater:
        return hn::Gt(a, b);
      case Comparison::kGreaterEqual:
        return less_equal(b, a);
      case Comparison::kEqual:
        return hn::Eq(a, b);
      case Comparison::kNotEqual:
        return hn::Not(hn::Eq(a, b));  // Highway 1.0's Ne is false for NaN on some targets
    }
  }
};

template <Comparison kOp>
void compare_all(const kernels::BinaryLoop& loop, int64_t begin, int64_t end) {
  kernels::visit_among<float, float16, bfloat16, int32_t, uint32_t, uint8_t>(
      loop.dtype, [&]<class T>() { map_binary<T, T, uint8_t>(loop, begin, end, Compare<kOp>()); });
}

}  // namespace

void map_compare(const kernels::BinaryLoop& loop, Comparison op, int64_t begin, int64_t end) {
  switch (op) {
    case Comparison::kLess:
      return compare_all<Comparison::kLess>(loop, begin, end);
    case Comparison::kLessEqual:
      return compare_all<Comparison::kLessEqual>(loop, begin, end);
    case Comparison::kGreater:
      return compare_all<Comparison::kGreater>(loop, begin, end);
    case Comparison::kGreaterEqual:
      return compare_all<Comparison::kGreaterEqual>(loop, begin, end);
    case Comparison::kEqual:
      return compare_all<Comparison::kEqual>(loop, begin, end);
    case Comparison::kNotEqual:
      return compare_all<Comparison::kNotEqual>(loop, begin, end);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(map_compare);

namespace kernels {

void map_compare_cpu(const CpuContext&, const Call& call) {
  const Comparison op = parse_comparison(call.choice("op"));
  const auto body = [op](const BinaryLoop& loop, int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(map_compare)(loop, op, begin, end);
  };
  const Tensor& a = call.in("a");
  if (call.has("b")) {
    run_binary(a, call.in("b"), call.out("mask"), body);
  } else {
    run_binary(a, scalar_param(call, "value", a.dtype()), call.out("mask"), body);
  }
}

}  // namespace kernels
}  // namespace ingot
#endif
