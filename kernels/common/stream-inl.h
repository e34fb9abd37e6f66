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

/// Copies memory past the caches, as far as it covers whole cache lines: a line written in pieces
/// costs more than one that is read first. What the calling thread copied is visible to others
/// after its next hwy::FlushStream().
HWY_INLINE void stream_copy(const void* from, void* to, size_t bytes) {
  constexpr size_t kLine = 64;
  constexpr size_t kVector = 16;
  const hn::FixedTag<uint8_t, kVector> d;
  const auto* source = static_cast<const uint8_t*>(from);
  auto* target = static_cast<uint8_t*>(to);
  const size_t past = reinterpret_cast<uintptr_t>(to) % kLine;
  size_t k = std::min(bytes, (kLine - past) % kLine);
  std::memcpy(target, source, k);
  for (; k + kLine <= bytes; k += kLine) {
    for (size_t part = 0; part < kLine; part += kVector) {
      hn::Stream(hn::LoadU(d, source + k + part), d, target + k + part);
    }
  }
  std::memcpy(target + k, source + k, bytes - k);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
