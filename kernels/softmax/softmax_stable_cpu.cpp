#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax/softmax_stable_cpu.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/dispatch.hpp"
#include "kernels/common/exp-inl.h"
#include "kernels/common/simd-inl.h"
#include "runtime/call.hpp"
#include "runtime/context.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

namespace {

// A block is read from memory once and then worked on in the cache. A row of at most one block
// takes one pass over memory, a longer one two.
constexpr int64_t kSoftmaxBlock = 1 << 14;
constexpr int64_t kSoftmaxTask = 1 << 16;
// Rows up to this length are worked on side by side.
constexpr int64_t kSoftmaxShort = 24;

/// Maximum, and sum of exp(x - greatest). NaN, +inf and a row of nothing but -inf need no care:
/// some difference is NaN, and with it the sum and the row.
struct RowStatistics {
  float greatest = -std::numeric_limits<float>::infinity();
  double sum = 0;
};

/// Copies x[0..count) to `buffer` as f32, fills up the last vector with -inf, and returns the
/// maximum; whether NaN counts is open.
template <class T>
HWY_INLINE float load_block(const T* HWY_RESTRICT x, int64_t count, float* HWY_RESTRICT buffer) {
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  VF32 greatest = hn::Set(d, -std::numeric_limits<float>::infinity());
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const VF32 v = load_f32(d, x + i);
    hn::Store(v, d, buffer + i);
    greatest = hn::Max(greatest, v);
  }
  if (i < count) {
    for (int64_t k = i; k < i + lanes; ++k) {
      buffer[k] = k < count ? static_cast<float>(x[k]) : -std::numeric_limits<float>::infinity();
    }
    greatest = hn::Max(greatest, hn::Load(d, buffer + i));
  }
  return hn::GetLane(hn::MaxOfLanes(d, greatest));
}

/// Replaces `buffer`, in whole vectors, by exp(buffer - greatest) and returns the sum, which is
/// made of short chains: narrow vectors would otherwise lose accuracy.
HWY_INLINE float exponentiate_block(float* HWY_RESTRICT buffer, int64_t count, float greatest) {
  constexpr int64_t kChain = 512;
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const VF32 shift = hn::Set(d, greatest);
  const auto replace = [&](int64_t i) HWY_ATTR {
    const VF32 v = exp_nonpositive(d, hn::Sub(hn::Load(d, buffer + i), shift));
    hn::Store(v, d, buffer + i);
    return v;
  };
  VF32 sum = hn::Zero(d);
  for (int64_t begin = 0; begin < count; begin += kChain) {
    const int64_t end = std::min(begin + kChain, count);
    VF32 even = hn::Zero(d);
    VF32 odd = hn::Zero(d);
    int64_t i = begin;
    for (; i + lanes < end; i += 2 * lanes) {
      even = hn::Add(even, replace(i));
      odd = hn::Add(odd, replace(i + lanes));
    }
    if (i < end) {
      even = hn::Add(even, replace(i));
    }
    sum = hn::Add(sum, hn::Add(even, odd));
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class T>
HWY_INLINE void store_block(const float* HWY_RESTRICT buffer,
                            int64_t count,
                            float scale,
                            T* HWY_RESTRICT y) {
  const VF32 factor = hn::Set(F32(), scale);
  map_f32(
      buffer, y, static_cast<size_t>(count), [=](VF32 v) HWY_ATTR { return hn::Mul(v, factor); });
}

/// Rows too short for vectors along them: one row in each lane.
template <class T>
void softmax_short_rows(const T* HWY_RESTRICT x, T* HWY_RESTRICT y, int64_t rows, int64_t n) {
  const F32 d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN float columns[kSoftmaxShort * hn::MaxLanes(F32())];
  for (int64_t row = 0; row < rows; row += lanes, x += lanes * n, y += lanes * n) {
    const int64_t side = std::min(lanes, rows - row);
    for (int64_t k = 0; k < side; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        columns[i * lanes + k] = static_cast<float>(x[k * n + i]);
      }
    }
    VF32 greatest = hn::Load(d, columns);
    for (int64_t i = 1; i < n; ++i) {
      greatest = hn::Max(greatest, hn::Load(d, columns + i * lanes));
    }
    VF32 sum = hn::Zero(d);
    for (int64_t i = 0; i < n; ++i) {
      const VF32 v = exp_nonpositive(d, hn::Sub(hn::Load(d, columns + i * lanes), greatest));
      hn::Store(v, d, columns + i * lanes);
      sum = hn::Add(sum, v);
    }
    const VF32 scale = hn::Div(hn::Set(d, 1), sum);
    for (int64_t i = 0; i < n; ++i) {
      hn::Store(hn::Mul(hn::Load(d, columns + i * lanes), scale), d, columns + i * lanes);
    }
    for (int64_t k = 0; k < side; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        y[k * n + i] = static_cast<T>(columns[i * lanes + k]);
      }
    }
  }
}

/// Rows of at most kSoftmaxBlock elements.
template <class T>
void softmax_rows(const T* x, T* y, int64_t rows, int64_t n) {
  HWY_ALIGN float buffer[kSoftmaxBlock];
  for (int64_t row = 0; row < rows; ++row, x += n, y += n) {
    const float greatest = load_block(x, n, buffer);
    store_block(buffer, n, 1 / exponentiate_block(buffer, n, greatest), y);
  }
}

RowStatistics merge(RowStatistics a, RowStatistics b) {
  if (a.greatest < b.greatest) {
    std::swap(a, b);
  }
  const float scale = a.greatest == b.greatest ? 1 : std::exp(b.greatest - a.greatest);
  return {a.greatest, a.sum + b.sum * scale};
}

template <class T>
RowStatistics statistics_of(const T* x, int64_t count) {
  HWY_ALIGN float buffer[kSoftmaxBlock];
  RowStatistics result;
  for (int64_t i = 0; i < count; i += kSoftmaxBlock) {
    const int64_t size = std::min(kSoftmaxBlock, count - i);
    const float greatest = load_block(x + i, size, buffer);
    // A block of -inf alone counts as nothing, unless the whole row is so.
    const float shift = greatest == -std::numeric_limits<float>::infinity() ? 0 : greatest;
    result = merge(result, {greatest, exponentiate_block(buffer, size, shift)});
  }
  return result;
}

template <class T>
void apply(const T* x, int64_t count, RowStatistics row, T* y) {
  const VF32 shift = hn::Set(F32(), row.greatest);
  const VF32 scale = hn::Set(F32(), static_cast<float>(1 / row.sum));
  map_f32(x, y, static_cast<size_t>(count), [=](VF32 v) HWY_ATTR {
    return hn::Mul(exp_nonpositive(F32(), hn::Sub(v, shift)), scale);
  });
}

template <class T>
void softmax_long_rows(const T* x, T* y, int64_t rows, int64_t n) {
  const int64_t tasks = (n + kSoftmaxTask - 1) / kSoftmaxTask;
  std::vector<RowStatistics> parts(static_cast<size_t>(rows * tasks));
  const auto size = [=](int64_t task) {
    return std::min(kSoftmaxTask, n - task % tasks * kSoftmaxTask);
  };
  const auto offset = [=](int64_t task) { return task / tasks * n + task % tasks * kSoftmaxTask; };
  parallel_for(rows * tasks, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
    for (int64_t task = begin; task < end; ++task) {
      parts[static_cast<size_t>(task)] = statistics_of(x + offset(task), size(task));
    }
  });
  std::vector<RowStatistics> whole(static_cast<size_t>(rows));
  for (int64_t task = 0; task < rows * tasks; ++task) {
    RowStatistics& row = whole[static_cast<size_t>(task / tasks)];
    row = merge(row, parts[static_cast<size_t>(task)]);
  }
  parallel_for(rows * tasks, 1, [&](int64_t begin, int64_t end) HWY_ATTR {
    for (int64_t task = begin; task < end; ++task) {
      apply(
          x + offset(task), size(task), whole[static_cast<size_t>(task / tasks)], y + offset(task));
    }
  });
}

}  // namespace

void softmax_stable(const CpuContext&, const Call& call) {
  const int64_t rows = call.batch();
  const int64_t n = call.extent("n");
  kernels::visit_among<float, float16, bfloat16>(call.in("x").dtype(), [&]<class T>() HWY_ATTR {
    const auto* x = call.in("x").host_as<const T>();
    auto* y = call.out("y").host_as<T>();
    if (n > kSoftmaxBlock) {
      softmax_long_rows(x, y, rows, n);
      return;
    }
    const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / std::max<int64_t>(1, n));
    parallel_for(n == 0 ? 0 : rows, grain, [&](int64_t begin, int64_t end) HWY_ATTR {
      const auto softmax = n <= kSoftmaxShort ? softmax_short_rows<T> : softmax_rows<T>;
      softmax(x + begin * n, y + begin * n, end - begin, n);
    });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(softmax_stable);

namespace kernels {

void softmax_stable_cpu(const CpuContext& cpu, const Call& call) {
  HWY_DYNAMIC_DISPATCH(softmax_stable)(cpu, call);
}

}  // namespace kernels
}  // namespace ingot
#endif
