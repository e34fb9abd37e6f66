#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_i8_simd.cpp"
#include "backends/cpu/gemm_i8_simd.hpp"

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ingot::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Dot products of one row with kRows rows: products of pairs are added in int32, which is exact.
template <size_t kRows>
HWY_INLINE void dots(const int8_t* HWY_RESTRICT a,
                     const int8_t* HWY_RESTRICT b,
                     size_t stride,
                     size_t k,
                     int32_t* HWY_RESTRICT c) {
  const hn::ScalableTag<int16_t> d16;
  const hn::Rebind<int8_t, decltype(d16)> d8;
  const hn::RepartitionToWide<decltype(d16)> d32;
  const size_t lanes = hn::Lanes(d16);
  hn::Vec<decltype(d32)> even[kRows];
  hn::Vec<decltype(d32)> odd[kRows];
  for (size_t r = 0; r < kRows; ++r) {
    even[r] = odd[r] = hn::Zero(d32);
  }
  size_t i = 0;
  for (; i + lanes <= k; i += lanes) {
    const auto left = hn::PromoteTo(d16, hn::LoadU(d8, a + i));
    for (size_t r = 0; r < kRows; ++r) {
      const auto right = hn::PromoteTo(d16, hn::LoadU(d8, b + r * stride + i));
      even[r] = hn::ReorderWidenMulAccumulate(d32, left, right, even[r], odd[r]);
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    int32_t sum = hn::GetLane(hn::SumOfLanes(d32, hn::Add(even[r], odd[r])));
    for (size_t j = i; j < k; ++j) {
      sum += int32_t{a[j]} * int32_t{b[r * stride + j]};
    }
    c[r] = sum;
  }
}

void gemm_i8(int64_t m,
             int64_t n,
             int64_t k,
             Matrix<const int8_t> a,
             Matrix<const int8_t> b,
             Matrix<int32_t> c) {
  constexpr int64_t kRows = 4;
  const auto stride = static_cast<size_t>(b.stride);
  const auto terms = static_cast<size_t>(k);
  for (int64_t i = 0; i < m; ++i) {
    const int8_t* left = a.data + i * a.stride;
    int32_t* out = c.data + i * c.stride;
    int64_t j = 0;
    for (; j + kRows <= n; j += kRows) {
      dots<kRows>(left, b.data + j * b.stride, stride, terms, out + j);
    }
    for (; j < n; ++j) {
      dots<1>(left, b.data + j * b.stride, stride, terms, out + j);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot::cpu {
HWY_EXPORT(gemm_i8);

void gemm_i8_simd(int64_t m,
                  int64_t n,
                  int64_t k,
                  Matrix<const int8_t> a,
                  Matrix<const int8_t> b,
                  Matrix<int32_t> c) {
  HWY_DYNAMIC_DISPATCH(gemm_i8)(m, n, k, a, b, c);
}

}  // namespace ingot::cpu
#endif
