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

/// Elements begin..end of the result of `loop`, whose tensors hold T and U.
template <class T, class U, class Op>
HWY_NOINLINE void map_unary(const kernels::UnaryLoop& loop, int64_t begin, int64_t end, Op op) {
  using D = ComputeTag<T>;
  const D d;
  const Advancing<D, T> run{reinterpret_cast<const T*>(loop.x) + begin};
  const auto count = static_cast<size_t>(end - begin);
  write_run(
      d,
      reinterpret_cast<U*>(loop.y) + begin,
      count,
      [&](size_t i) HWY_ATTR { return op(d, run.get(d, i)); },
      [&]() HWY_ATTR { return op(d, run.get_partial(d, count)); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
