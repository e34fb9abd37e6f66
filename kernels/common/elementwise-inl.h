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

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

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

/// Elements begin..end of the result of `loop`, whose tensors hold T and U, both floating-point.
template <class T, class U, class Op>
HWY_NOINLINE void map_unary(const kernels::UnaryLoop& loop, int64_t begin, int64_t end, Op op) {
  map_f32(reinterpret_cast<const T*>(loop.x) + begin,
          reinterpret_cast<U*>(loop.y) + begin,
          static_cast<size_t>(end - begin),
          [op](VF32 x) HWY_ATTR { return op(F32(), x); });
}

/// An operand that advances with the run.
template <class D, class T>
struct Advancing {
  const T* p;
  HWY_INLINE hn::Vec<D> get(D d, size_t i) const { return load(d, p + i); }
  HWY_INLINE hn::Vec<D> get_partial(D d, size_t i, size_t count) const {
    T padded[hn::MaxLanes(D())] = {};
    std::copy_n(p + i, count, padded);
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
  HWY_INLINE hn::Vec<D> get_partial(D, size_t, size_t) const { return value; }
};

/// One run. Nothing outside of it is read or written.
template <class D, class A, class B, class U, class Op>
HWY_INLINE void binary_run(D d, const A& a, const B& b, U* HWY_RESTRICT y, size_t count, Op op) {
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    store(d, op(d, a.get(d, i), b.get(d, i)), y + i);
  }
  if (i < count) {
    U padded[hn::MaxLanes(D())];
    store(d, op(d, a.get_partial(d, i, count - i), b.get_partial(d, i, count - i)), padded);
    std::copy_n(padded, count - i, y + i);
  }
}

/// Elements begin..end of the result of `loop`, whose tensors hold A, B and U.
template <class A, class B, class U, class Op>
HWY_NOINLINE void map_binary(const kernels::BinaryLoop& loop, int64_t begin, int64_t end, Op op) {
  using D = ComputeTag<B>;
  const D d;
  const kernels::BroadcastPlan& plan = loop.plan;
  const auto& walk_a = plan.operands[0];
  const auto& walk_b = plan.operands[1];
  // Where the run of `begin` is, as one index for each outer dimension.
  std::array<int64_t, kMaxRank> index{};
  int64_t offset_a = 0;
  int64_t offset_b = 0;
  int64_t row = begin / plan.inner;
  for (size_t k = static_cast<size_t>(plan.rank); k-- > 0;) {
    index[k] = row % plan.extents[k];
    row /= plan.extents[k];
    offset_a += index[k] * walk_a.strides[k];
    offset_b += index[k] * walk_b.strides[k];
  }
  int64_t first = begin % plan.inner;
  while (begin < end) {
    const auto count = std::min(plan.inner - first, end - begin);
    const A* a = reinterpret_cast<const A*>(loop.a) + offset_a + first * walk_a.inner_stride;
    const B* b = reinterpret_cast<const B*>(loop.b) + offset_b + first * walk_b.inner_stride;
    U* y = reinterpret_cast<U*>(loop.y) + begin;
    const auto n = static_cast<size_t>(count);
    if (walk_a.inner_stride == 0) {
      binary_run(d, Repeated<D, A>(d, a), Advancing<D, B>{b}, y, n, op);
    } else if (walk_b.inner_stride == 0) {
      binary_run(d, Advancing<D, A>{a}, Repeated<D, B>(d, b), y, n, op);
    } else {
      binary_run(d, Advancing<D, A>{a}, Advancing<D, B>{b}, y, n, op);
    }
    begin += count;
    first = 0;
    // The next run: count up the outer indices like an odometer.
    for (size_t k = static_cast<size_t>(plan.rank); k-- > 0;) {
      offset_a += walk_a.strides[k];
      offset_b += walk_b.strides[k];
      if (++index[k] < plan.extents[k]) {
        break;
      }
      offset_a -= index[k] * walk_a.strides[k];
      offset_b -= index[k] * walk_b.strides[k];
      index[k] = 0;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
