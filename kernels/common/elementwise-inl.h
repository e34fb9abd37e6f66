// Elementwise loops for CPU twins, included like simd-inl.h. An operation is a functor with
//   template <class D, class V> auto operator()(D d, V x) const        or
//   template <class D, class V> auto operator()(D d, V a, V b) const
// that is given vectors of f32 for the floating-point dtypes, of the dtype itself for integers, and
// returns such a vector, or a mask that is stored as u8 zeros and ones.
#if defined(INGOT_KERNELS_COMMON_ELEMENTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_ELEMENTWISE_INL_H_
#undef INGOT_KERNELS_COMMON_ELEMENTWISE_INL_H_
#else
#define INGOT_KERNELS_COMMON_ELEMENTWISE_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include "kernels/common/elementwise.hpp"
#include "kernels/common/simd-inl.h"
#include "kernels/common/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

/// Elements that are worked on at a time where results or operands go through a block of memory
/// near the core.
constexpr int64_t kBlock = 1024;

/// The vectors that an operation on T is carried out in.
template <class T>
using ComputeTag = std::conditional_t<std::is_integral_v<T>, hn::ScalableTag<T>, F32>;

/// Lanes(d) elements from `p`.
template <class D, class T>
HWY_INLINE hn::Vec<D> load(D d, const T* HWY_RESTRICT p) {
  if constexpr (std::is_same_v<hn::TFromD<D>, T>) {
    return hn::LoadU(d, p);
  } else if constexpr (std::is_same_v<T, int8_t>) {
    const hn::Rebind<int8_t, D> d8;
    const hn::RebindToSigned<D> d32;
    return hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, p)));
  } else {
    return load_f32(d, p);
  }
}

/// Stores a result to `p`: a vector, rounded where T is narrower, or a mask.
template <class D, class R, class T>
HWY_INLINE void store(D d, R result, T* HWY_RESTRICT p) {
  if constexpr (std::is_same_v<R, hn::Mask<D>>) {
    static_assert(std::is_same_v<T, uint8_t>);
    const hn::RebindToUnsigned<D> du;
    const hn::Rebind<uint8_t, D> d8;
    const auto ones = hn::IfThenElseZero(hn::RebindMask(du, result), hn::Set(du, 1));
    if constexpr (sizeof(hn::TFromD<D>) == 1) {
      hn::StoreU(ones, d8, p);
    } else {
      hn::StoreU(hn::TruncateTo(d8, ones), d8, p);
    }
  } else if constexpr (std::is_same_v<hn::TFromD<D>, T>) {
    hn::StoreU(result, d, p);
  } else {
    store_f32(d, result, p);
  }
}

/// An operand that advances with the run.
template <class D, class T>
struct Advancing {
  const T* p;
  HWY_INLINE hn::Vec<D> get(D d, size_t i) const { return load(d, p + i); }
  HWY_INLINE hn::Vec<D> get_partial(D d, size_t count) const {
    T padded[hn::MaxLanes(D())] = {};
    std::copy_n(p, count, padded);
    return load(d, padded);
  }
};

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

/// Writes a run of results: full(i) is a vector of those from i on, partial() the only, partial
/// vector of a short run. Nothing outside of the run is written.
template <class D, class U, class Full, class Partial>
HWY_INLINE void write_run(D d, U* HWY_RESTRICT y, size_t count, Full full, Partial partial) {
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    store(d, full(i), y + i);
  }
  if (i == count) {
    return;
  }
  if (count >= lanes) {  // the last vector computes some elements again
    store(d, full(count - lanes), y + count - lanes);
  } else {
    U padded[hn::MaxLanes(D())];
    store(d, partial(), padded);
    std::copy_n(padded, count, y);
  }
}

template <class D, class A, class B, class U, class Op>
HWY_INLINE void binary_run(D d, const A& a, const B& b, U* HWY_RESTRICT y, size_t count, Op op) {
  write_run(
      d,
      y,
      count,
      [&](size_t i) HWY_ATTR { return op(d, a.get(d, i), b.get(d, i)); },
      [&]() HWY_ATTR { return op(d, a.get_partial(d, count), b.get_partial(d, count)); });
}

/// Has compute(first, last, out) write elements first..last of a result to `out`, for pieces of
/// begin..end: in place, or where `stream` is set, into a block that is then copied past the
/// caches.
template <class U, class Compute>
HWY_INLINE void write_result(U* y, int64_t begin, int64_t end, bool stream, Compute compute) {
  if (!stream) {
    compute(begin, end, y + begin);
    return;
  }
  HWY_ALIGN U block[kBlock];
  for (; begin < end; begin += kBlock) {
    const int64_t last = std::min(begin + kBlock, end);
    compute(begin, last, block);
    stream_copy(block, y + begin, static_cast<size_t>(last - begin) * sizeof(U));
  }
  hwy::FlushStream();
}

/// Elements begin..end of the result of `loop`, whose tensors hold T and U.
template <class T, class U, class Op>
HWY_NOINLINE void map_unary(const kernels::UnaryLoop& loop, int64_t begin, int64_t end, Op op) {
  using D = ComputeTag<T>;
  const D d;
  const T* x = reinterpret_cast<const T*>(loop.x);
  write_result(reinterpret_cast<U*>(loop.y),
               begin,
               end,
               loop.stream,
               [&](int64_t first, int64_t last, U* out) HWY_ATTR {
                 const Advancing<D, T> run{x + first};
                 const auto count = static_cast<size_t>(last - first);
                 write_run(
                     d,
                     out,
                     count,
                     [&](size_t i) HWY_ATTR { return op(d, run.get(d, i)); },
                     [&]() HWY_ATTR { return op(d, run.get_partial(d, count)); });
               });
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
  write_result(reinterpret_cast<U*>(loop.y),
               begin,
               end,
               loop.stream,
               [&](int64_t first, int64_t last, U* out)
                   HWY_ATTR { compute_binary(loop.plan, a, b, first, last, out, op); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
