#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reductions/reduce_argmax_cpu.cpp"
#include <limits>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/dispatch.hpp"
#include "kernels/common/reduction-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

template <class Value>
struct Candidate {
  Value value;
  int64_t index;
};

template <class T>
struct Argmax {
  using Input = T;
  using Value = std::conditional_t<std::is_integral_v<T>, T, float>;
  using Partial = Candidate<Value>;
  using Output = int64_t;

  static HWY_INLINE Partial identity() {
    using Limits = std::numeric_limits<Value>;
    return {Limits::has_infinity ? -Limits::infinity() : Limits::lowest(),
            std::numeric_limits<int64_t>::max()};
  }
  static HWY_INLINE Partial load(T x, int64_t i) { return {static_cast<Value>(x), i}; }
  static HWY_INLINE Partial combine(Partial a, Partial b) {
    const bool a_nan = a.value != a.value;
    const bool b_nan = b.value != b.value;
    const bool equal = a.value == b.value || (a_nan && b_nan);
    const bool b_above = b.value > a.value || (b_nan && !a_nan);
    return b_above || (equal && b.index < a.index) ? b : a;
  }
  static HWY_INLINE int64_t finish(Partial p, int64_t) { return p.index; }

  // Finds the greatest value first, which vectorises, and then where it is, in cache.
  static Partial block(const T* HWY_RESTRICT x, int64_t count, int64_t first) {
    constexpr int64_t kLanes = 64;
    Value best[kLanes];
    Value nan[kLanes] = {};  // becomes NaN where one was seen
    const int64_t whole = count / kLanes * kLanes;
    std::fill(best, best + kLanes, static_cast<Value>(x[0]));
    for (int64_t i = 0; i < whole; i += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) {
        const auto v = static_cast<Value>(x[i + k]);
        best[k] = v > best[k] ? v : best[k];
        nan[k] = v != v ? v : nan[k];
      }
    }
    bool any_nan = false;
    Value greatest = static_cast<Value>(x[0]);
    for (int64_t k = 0; k < kLanes; ++k) {
      any_nan |= nan[k] != nan[k];
      greatest = best[k] > greatest ? best[k] : greatest;
    }
    for (int64_t i = whole; i < count; ++i) {
      const auto v = static_cast<Value>(x[i]);
      any_nan |= v != v;
      greatest = v > greatest ? v : greatest;
    }
    if (any_nan) {
      const int64_t at = find(x, count, [](Value v) HWY_ATTR { return v != v; });
      return load(x[at], first + at);
    }
    return {greatest, first + find(x, count, [=](Value v) HWY_ATTR { return v == greatest; })};
  }

 private:
  // Position of the first element that matches; there is one.
  template <class Match>
  static HWY_INLINE int64_t find(const T* HWY_RESTRICT x, int64_t count, Match match) {
    constexpr int64_t kStep = 64;
    int64_t i = 0;
    for (; i + kStep <= count; i += kStep) {
      bool any = false;
      for (int64_t k = 0; k < kStep; ++k) {
        any |= match(static_cast<Value>(x[i + k]));
      }
      if (any) {
        break;
      }
    }
    while (!match(static_cast<Value>(x[i]))) {
      ++i;
    }
    return i;
  }
};

void reduce_argmax(const CpuContext& cpu, const Call& call) {
  const Tensor& x = call.in("x");
  kernels::visit_among<float, float16, bfloat16, int32_t, uint32_t>(
      x.dtype(), [&]<class T>() HWY_ATTR {
        reduce<Argmax<T>>(cpu,
                          kernels::reduction_view(call),
                          x.host_as<const T>(),
                          call.out("index").host_as<int64_t>());
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(reduce_argmax);

namespace kernels {

void reduce_argmax_cpu(const CpuContext& cpu, const Call& call) {
  HWY_DYNAMIC_DISPATCH(reduce_argmax)(cpu, call);
}

}  // namespace kernels
}  // namespace ingot
#endif
