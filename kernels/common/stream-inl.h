// Writing past the caches, for CPU twins; included like simd-inl.h.
#if defined(INGOT_KERNELS_COMMON_STREAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_COMMON_STREAM_INL_H_
#undef INGOT_KERNELS_COMMON_STREAM_INL_H_
#else
#define INGOT_KERNELS_COMMON_STREAM_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Copies memory past the caches. What the calling thread copied is visible to others after its
/// next hwy::FlushStream().
HWY_INLINE void stream_copy(const void* from, void* to, size_t bytes) {
  constexpr size_t kVector = 16;
  const hn::FixedTag<uint8_t, kVector> d;
  const auto* source = static_cast<const uint8_t*>(from);
  auto* target = static_cast<uint8_t*>(to);
  const size_t past = reinterpret_cast<uintptr_t>(to) % kVector;
  size_t k = std::min(bytes, (kVector - past) % kVector);
  std::memcpy(target, source, k);
  for (; k + kVector <= bytes; k += kVector) {
    hn::Stream(hn::LoadU(d, source + k), d, target + k);
  }
  std::memcpy(target + k, source + k, bytes - k);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
