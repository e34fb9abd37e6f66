#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reductions/reduce_argmax_cpu.cpp"
#include <limits>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "kernels/common/dispatch.hpp"
#include "kernels/common/reduction-inl.h"
#include "kernels/common/simd-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

namespace {

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
    Value converted[kConverted];
    const Value* values = convert(x, count, converted);
    const Value greatest = count < 256 ? maximum<16>(values, count) : maximum<128>(values, count);
    const bool nan = greatest != greatest;
    const int64_t at = nan ? find(values, count, [](Value v) HWY_ATTR { return v != v; })
                           : find(values, count, [=](Value v) HWY_ATTR { return v == greatest; });
    return {values[at], first + at};
  }

  // Keeps values and rows apart, so that both are vectors.
  static void leaf(const T* HWY_RESTRICT x,
                   int64_t rows,
                   int64_t stride,
                   int64_t width,
                   TilePositions position,
                   Partial* HWY_RESTRICT sums) {
    Value converted[kConverted];
    Value best[kReduceTile];
    int32_t where[kReduceTile];
    std::copy(x, x + width, best);
    std::fill(where, where + width, 0);
    for (int64_t r = 1; r < rows; ++r) {
      const Value* values = convert(x + r * stride, width, converted);
      for (int64_t j = 0; j < width; ++j) {
        const Value v = values[j];
        const bool above = v > best[j] || (v != v && best[j] == best[j]);
        best[j] = above ? v : best[j];
        where[j] = above ? static_cast<int32_t>(r) : where[j];
      }
    }
    for (int64_t j = 0; j < width; ++j) {
      sums[j] = {best[j], position(where[j], j)};
    }
  }

 private:
  static constexpr bool kNarrow = sizeof(T) < sizeof(Value);
  static constexpr int64_t kConverted = kNarrow ? kReduceBlock : 1;

  // x itself, or its elements as Value in `buffer`: compilers do not vectorise comparisons of f16.
  static HWY_INLINE const Value* convert(const T* x, int64_t count, Value* buffer) {
    if constexpr (kNarrow) {
      map_f32(x, buffer, static_cast<size_t>(count), [](VF32 v) HWY_ATTR { return v; });
      return buffer;
    } else {
      return x;
    }
  }

  // The greatest value, or NaN if there is one.
  template <int64_t kLanes>
  static HWY_INLINE Value maximum(const Value* HWY_RESTRICT x, int64_t count) {
    Value best[kLanes];
    Value nan[kLanes] = {};  // becomes NaN where one was seen
    std::fill(best, best + kLanes, x[0]);
    nan[0] = x[0];
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) {
        const Value v = x[i + k];
        best[k] = v > best[k] ? v : best[k];
        nan[k] = v != v ? v : nan[k];
      }
    }
    for (; i < count; ++i) {
      best[0] = x[i] > best[0] ? x[i] : best[0];
      nan[0] = x[i] != x[i] ? x[i] : nan[0];
    }
    for (int64_t k = 0; k < kLanes; ++k) {
      if (nan[k] != nan[k]) {
        return nan[k];
      }
      best[0] = best[k] > best[0] ? best[k] : best[0];
    }
    return best[0];
  }

  // Position of the first element that matches; there is one.
  template <class Match>
  static HWY_INLINE int64_t find(const Value* HWY_RESTRICT x, int64_t count, Match match) {
    constexpr int64_t kStep = 64;
    int64_t i = 0;
    for (; i + kStep <= count; i += kStep) {
      bool any = false;
      for (int64_t k = 0; k < kStep; ++k) {
        any |= match(x[i + k]);
      }
      if (any) {
        break;
      }
    }
    while (!match(x[i])) {
      ++i;
    }
    return i;
  }
};

}  // namespace

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
