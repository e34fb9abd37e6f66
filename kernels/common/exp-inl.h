// Exponentials of differences to a maximum, for CPU twins. Included inside their per-target part.
#if defined(INGOT_KERNELS_COMMON_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_EXP_INL_H_
#undef INGOT_KERNELS_COMMON_EXP_INL_H_
#else
#define INGOT_KERNELS_COMMON_EXP_INL_H_
#endif

#include "hwy/highway.h"

#include "kernels/common/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

/// exp(x) for x <= 0, within 1.3 ulp; 0 below -87, where results would be subnormal; NaN stays NaN.
/// Half the instructions of Highway's Exp, which serves any x and turns NaN into 0.
///
/// x = n ln 2 + r with |r| <= ln(2)/2; e^r by the polynomial of Cephes' expf (Moshier); 2^n is
/// added to the exponent's bits.
HWY_INLINE VF32 exp_nonpositive(F32 d, VF32 x) {
  const hn::RebindToUnsigned<F32> du;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the lowest bits.
  const VF32 magic = hn::Set(d, 12582912.0f);
  const VF32 shifted = hn::MulAdd(x, hn::Set(d, 1.44269504f), magic);
  const VF32 n = hn::Sub(shifted, magic);
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  VF32 r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
  VF32 p = hn::MulAdd(hn::Set(d, 1.9875691500e-4f), r, hn::Set(d, 1.3981999507e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1f));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1f));
  p = hn::MulAdd(p, hn::Mul(r, r), hn::Add(r, hn::Set(d, 1.0f)));
  const auto scale = hn::ShiftLeft<23>(hn::BitCast(du, shifted));
  const VF32 y = hn::BitCast(d, hn::Add(hn::BitCast(du, p), scale));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.0f)), hn::IfThenElse(hn::IsNaN(x), x, y));
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
