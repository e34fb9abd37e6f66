// Vectors of f32 from and to memory of any floating-point dtype, for CPU twins. Included by
// *_cpu.cpp files inside their per-target part, after hwy/highway.h.
#if defined(INGOT_KERNELS_COMMON_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_SIMD_INL_H_
#undef INGOT_KERNELS_COMMON_SIMD_INL_H_
#else
#define INGOT_KERNELS_COMMON_SIMD_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "hwy/highway.h"

#include "ingot/dtype.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using VF32 = hn::Vec<F32>;

// Below AVX2, x86 has no conversions of f16, and Highway's stand-ins neither round to nearest nor
// keep subnormals and signed zeros. The compiler's own conversions do. (A lower number is a better
// target.)
#if HWY_ARCH_X86
inline constexpr bool kHasHalfConversions = HWY_TARGET <= HWY_AVX2;
#else
inline constexpr bool kHasHalfConversions = true;
#endif

inline hwy::float16_t* as_hwy(float16* p) {
  return reinterpret_cast<hwy::float16_t*>(p);
}
inline const hwy::float16_t* as_hwy(const float16* p) {
  return reinterpret_cast<const hwy::float16_t*>(p);
}

/// Lanes(F32()) elements from `p`, as f32.
template <class T>
HWY_INLINE VF32 load_f32(F32 d, const T* HWY_RESTRICT p) {
  if constexpr (std::is_same_v<T, float>) {
    return hn::LoadU(d, p);
  } else if constexpr (std::is_same_v<T, float16> && !kHasHalfConversions) {
    float values[hn::MaxLanes(F32())];
    std::copy_n(p, hn::Lanes(d), values);
    return hn::LoadU(d, values);
  } else if constexpr (std::is_same_v<T, float16>) {
    const hn::Rebind<hwy::float16_t, F32> dh;
    return hn::PromoteTo(d, hn::LoadU(dh, as_hwy(p)));
  } else {
    static_assert(std::is_same_v<T, bfloat16>);
    const hn::Rebind<uint16_t, F32> du16;
    const hn::RebindToUnsigned<F32> du32;
    const auto words = hn::PromoteTo(du32, hn::LoadU(du16, reinterpret_cast<const uint16_t*>(p)));
    return hn::BitCast(d, hn::ShiftLeft<16>(words));
  }
}

/// Stores f32 lanes to `p`, rounded to nearest even where T is narrower.
template <class T>
HWY_INLINE void store_f32(F32 d, VF32 v, T* HWY_RESTRICT p) {
  if constexpr (std::is_same_v<T, float>) {
    hn::StoreU(v, d, p);
  } else if constexpr (std::is_same_v<T, float16> && !kHasHalfConversions) {
    float values[hn::MaxLanes(F32())];
    hn::StoreU(v, d, values);
    std::transform(
        values, values + hn::Lanes(d), p, [](float value) { return static_cast<T>(value); });
  } else if constexpr (std::is_same_v<T, float16>) {
    const hn::Rebind<hwy::float16_t, F32> dh;
    hn::StoreU(hn::DemoteTo(dh, v), dh, as_hwy(p));
  } else {
    static_assert(std::is_same_v<T, bfloat16>);
    const hn::RebindToUnsigned<F32> du32;
    const hn::Rebind<uint16_t, F32> du16;
    const auto word = hn::BitCast(du32, v);
    const auto odd = hn::And(hn::ShiftRight<16>(word), hn::Set(du32, 1u));
    const auto rounded = hn::ShiftRight<16>(hn::Add(hn::Add(word, hn::Set(du32, 0x7fffu)), odd));
    const auto quiet = hn::Or(hn::ShiftRight<16>(word), hn::Set(du32, 0x40u));
    const auto nan = hn::RebindMask(du32, hn::IsNaN(v));
    hn::StoreU(hn::TruncateTo(du16, hn::IfThenElse(nan, quiet, rounded)),
               du16,
               reinterpret_cast<uint16_t*>(p));
  }
}

/// Calls body(vector-of-f32) for elements begin..end of `x` and stores its result to `y`. The last,
/// partial vector goes through a small buffer, so nothing is read or written outside the range.
template <class T, class U, class Body>
HWY_INLINE void map_f32(const T* HWY_RESTRICT x, U* HWY_RESTRICT y, size_t count, Body&& body) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    store_f32(d, body(load_f32(d, x + i)), y + i);
  }
  if (i < count) {
    T in[hn::MaxLanes(F32())] = {};
    U out[hn::MaxLanes(F32())];
    for (size_t k = i; k < count; ++k) {
      in[k - i] = x[k];
    }
    store_f32(d, body(load_f32(d, in)), out);
    for (size_t k = i; k < count; ++k) {
      y[k] = out[k - i];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
