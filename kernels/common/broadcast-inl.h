// Elementwise loops over two operands with NumPy's broadcasting, for CPU twins; included like
// simd-inl.h. What an operation is: elementwise-inl.h.
#if defined(INGOT_KERNELS_COMMON_BROADCAST_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_BROADCAST_INL_H_
#undef INGOT_KERNELS_COMMON_BROADCAST_INL_H_
#else
#define INGOT_KERNELS_COMMON_BROADCAST_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/common/broadcast.hpp"
#include "kernels/common/elementwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

/// Operands with short runs are gathered, this many elements at a time, into a block near the core.
constexpr int64_t kBlock = 1024;

/// An operand that stands still.
template <class D, class T>
struct Repeated {
  hn::Vec<D> value;
  HWY_INLINE Repeated(D d, const T* p) {
    T copies[hn::MaxLanes(D())];
    std::fill_n(copies, hn::MaxLanes(D()), *p);
    value = load(d, copies);
  }
  HWY_INLINE hn::Vec<D> get(D, size_t) const { return value; }
  HWY_INLINE hn::Vec<D> get_partial(D, size_t) const { return value; }
};

template <class D, class A, class B, class U, class Op>
HWY_INLINE void binary_run(D d, const A& a, const B& b, U* HWY_RESTRICT y, size_t count, Op op) {
  write_run(
      d,
      y,
      count,
      [&](size_t i) HWY_ATTR { return op(d, a.get(d, i), b.get(d, i)); },
      [&]() HWY_ATTR { return op(d, a.get_partial(d, count), b.get_partial(d, count)); });
}

/// Where an operand is, run by run in row-major order.
class OperandCursor {
 public:
  OperandCursor(const kernels::BroadcastPlan& plan, size_t operand, int64_t run)
      : plan_(plan), walk_(plan.operands[operand]) {
    for (size_t k = static_cast<size_t>(plan.rank); k-- > 0;) {
      index_[k] = run % plan.extents[k];
      run /= plan.extents[k];
      offset_ += index_[k] * walk_.strides[k];
    }
  }

  int64_t inner_stride() const { return walk_.inner_stride; }
  /// Of the first element of the run.
  int64_t offset() const { return offset_; }

  HWY_INLINE void next_run() {
    for (size_t k = static_cast<size_t>(plan_.rank); k-- > 0;) {
      offset_ += walk_.strides[k];
      if (++index_[k] < plan_.extents[k]) {
        return;
      }
      offset_ -= index_[k] * walk_.strides[k];
      index_[k] = 0;
    }
  }

 private:
  const kernels::BroadcastPlan& plan_;
  const kernels::BroadcastPlan::Operand& walk_;
  std::array<int64_t, kMaxRank> index_{};
  int64_t offset_ = 0;
};

/// Runs shorter than this are gathered into blocks first: 10M elements in runs of 3 took 120 ms run
/// by run.
constexpr int64_t kShortRun = 32;

/// Elements begin..begin + count of an operand, side by side: in `block`, or in place where the
/// operand is as dense as the result.
template <class T>
const T* gather(const kernels::BroadcastPlan& plan,
                size_t operand,
                const T* data,
                int64_t begin,
                int64_t count,
                T* block) {
  if (plan.is_dense(operand)) {
    return data + begin;
  }
  OperandCursor cursor(plan, operand, begin / plan.inner);
  const int64_t step = cursor.inner_stride();
  int64_t first = begin % plan.inner;
  for (int64_t done = 0; done < count; first = 0, cursor.next_run()) {
    const T* run = data + cursor.offset() + first * step;
    const int64_t n = std::min(plan.inner - first, count - done);
    for (int64_t k = 0; k < n; ++k) {
      block[done + k] = run[k * step];
    }
    done += n;
  }
  return block;
}

/// Elements begin..end of a op b to `y`.
template <class A, class B, class U, class Op>
HWY_INLINE void compute_binary(const kernels::BroadcastPlan& plan,
                               const A* a,
                               const B* b,
                               int64_t begin,
                               int64_t end,
                               U* y,
                               Op op) {
  using D = ComputeTag<B>;
  const D d;
  if (plan.rank > 0 && plan.inner < kShortRun) {
    A block_a[kBlock];
    B block_b[kBlock];
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t count = std::min(kBlock, end - first);
      const Advancing<D, A> from_a{gather(plan, 0, a, first, count, block_a)};
      const Advancing<D, B> from_b{gather(plan, 1, b, first, count, block_b)};
      binary_run(d, from_a, from_b, y + (first - begin), static_cast<size_t>(count), op);
    }
    return;
  }
  OperandCursor cursor_a(plan, 0, begin / plan.inner);
  OperandCursor cursor_b(plan, 1, begin / plan.inner);
  int64_t first = begin % plan.inner;
  for (; begin < end; first = 0, cursor_a.next_run(), cursor_b.next_run()) {
    const int64_t count = std::min(plan.inner - first, end - begin);
    const A* run_a = a + cursor_a.offset() + first * cursor_a.inner_stride();
    const B* run_b = b + cursor_b.offset() + first * cursor_b.inner_stride();
    const auto n = static_cast<size_t>(count);
    if (cursor_a.inner_stride() == 0) {
      binary_run(d, Repeated<D, A>(d, run_a), Advancing<D, B>{run_b}, y, n, op);
    } else if (cursor_b.inner_stride() == 0) {
      binary_run(d, Advancing<D, A>{run_a}, Repeated<D, B>(d, run_b), y, n, op);
    } else {
      binary_run(d, Advancing<D, A>{run_a}, Advancing<D, B>{run_b}, y, n, op);
    }
    begin += count;
    y += count;
  }
}

/// Elements begin..end of the result of `loop`, whose tensors hold A, B and U.
template <class A, class B, class U, class Op>
HWY_NOINLINE void map_binary(const kernels::BinaryLoop& loop, int64_t begin, int64_t end, Op op) {
  const A* a = reinterpret_cast<const A*>(loop.a);
  const B* b = reinterpret_cast<const B*>(loop.b);
  compute_binary(loop.plan, a, b, begin, end, reinterpret_cast<U*>(loop.y) + begin, op);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
