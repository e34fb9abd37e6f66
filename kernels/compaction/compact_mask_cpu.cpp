#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/compaction/compact_mask_cpu.cpp"
#include <algorithm>
#include <cstring>
#include <vector>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "runtime/call.hpp"
#include "runtime/context.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

int64_t count_kept(const uint8_t* mask, int64_t n) {
  const hn::ScalableTag<uint8_t> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t dropped = 0;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    dropped += static_cast<int64_t>(hn::CountTrue(d, hn::Eq(hn::LoadU(d, mask + i), hn::Zero(d))));
  }
  for (; i < n; ++i) {
    dropped += mask[i] == 0;
  }
  return n - dropped;
}

// Vectors of T as vectors of words that a processor can compress: 4 bytes, or 8 for 8-byte
// elements.
template <class T>
struct Words {
  using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  using D = hn::ScalableTag<Word>;
  using V = hn::Vec<D>;

  static V load(D d, const T* p) {
    if constexpr (sizeof(T) == sizeof(Word)) {
      return hn::LoadU(d, p);
    } else {
      return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), p));
    }
  }
  static void store(D d, V v, T* p) {
    if constexpr (sizeof(T) == sizeof(Word)) {
      hn::StoreU(v, d, p);
    } else {
      const hn::Rebind<T, D> narrow;
      hn::StoreU(hn::TruncateTo(narrow, v), narrow, p);
    }
  }
  static hn::Mask<D> keep(D d, const uint8_t* mask) {
    const auto bytes = hn::LoadU(hn::Rebind<uint8_t, D>(), mask);
    if constexpr (sizeof(Word) == 8) {
      const auto words = hn::PromoteTo(hn::Rebind<uint32_t, D>(), bytes);
      return hn::Ne(hn::PromoteTo(d, words), hn::Zero(d));
    } else {
      return hn::Ne(hn::PromoteTo(d, bytes), hn::Zero(d));
    }
  }
};

// Writes exactly y[0..kept): whole vectors while they fit, because other cores write right behind.
template <class T>
void compact_block(const T* HWY_RESTRICT x,
                   const uint8_t* HWY_RESTRICT mask,
                   int64_t n,
                   T* HWY_RESTRICT y,
                   int64_t kept) {
  using W = Words<T>;
  const typename W::D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  int64_t to = 0;
  for (; i + lanes <= n && to < kept; i += lanes) {
    const auto keep = W::keep(d, mask + i);
    const auto count = static_cast<int64_t>(hn::CountTrue(d, keep));
    if (to + lanes <= kept) {
      W::store(d, hn::Compress(W::load(d, x + i), keep), y + to);
    } else if (count > 0) {
      T last[hn::MaxLanes(typename W::D())];
      W::store(d, hn::Compress(W::load(d, x + i), keep), last);
      std::copy_n(last, count, y + to);
    }
    to += count;
  }
  for (; to < kept; ++i) {
    y[to] = x[i];
    to += mask[i] != 0;
  }
}

void compact_1(const uint8_t* x, const uint8_t* mask, int64_t n, uint8_t* y, int64_t kept) {
  compact_block(x, mask, n, y, kept);
}
void compact_2(const uint16_t* x, const uint8_t* mask, int64_t n, uint16_t* y, int64_t kept) {
  compact_block(x, mask, n, y, kept);
}
void compact_4(const uint32_t* x, const uint8_t* mask, int64_t n, uint32_t* y, int64_t kept) {
  compact_block(x, mask, n, y, kept);
}
void compact_8(const uint64_t* x, const uint8_t* mask, int64_t n, uint64_t* y, int64_t kept) {
  compact_block(x, mask, n, y, kept);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(count_kept);
HWY_EXPORT(compact_1);
HWY_EXPORT(compact_2);
HWY_EXPORT(compact_4);
HWY_EXPORT(compact_8);

namespace kernels {

void compact_columns_cpu(const Call& call);

namespace {

void compact_rows(const std::byte* x, const uint8_t* mask, int64_t n, std::byte* y, size_t row) {
  for (int64_t i = 0; i < n; ++i) {
    if (mask[i] != 0) {
      std::memcpy(y, x + static_cast<size_t>(i) * row, row);
      y += row;
    }
  }
}

template <class T, class Compact>
void compact_elements(const Compact& compact,
                      const std::byte* x,
                      const uint8_t* mask,
                      int64_t n,
                      std::byte* y,
                      int64_t kept) {
  compact(reinterpret_cast<const T*>(x), mask, n, reinterpret_cast<T*>(y), kept);
}

}  // namespace

// Two passes over blocks, on all cores: count what each block keeps, then write the blocks to where
// the counts before them end.
void compact_mask_cpu(const CpuContext&, const Call& call) {
  if (!call.has("x")) {
    compact_columns_cpu(call);
    return;
  }
  constexpr int64_t kBlockBytes = 256 << 10;
  const Tensor& x = call.in("x");
  const auto* mask = call.in("mask").host_as<const uint8_t>();
  const int64_t n = call.extent("n");
  const auto row = static_cast<size_t>(x.shape().without(0).elements()) * size_of(x.dtype());
  const int64_t block =
      std::max<int64_t>(1, kBlockBytes / static_cast<int64_t>(std::max(row, sizeof(uint32_t))));
  const int64_t blocks = (n + block - 1) / block;

  std::vector<int64_t> start(static_cast<size_t>(blocks) + 1);
  parallel_for(blocks, 4, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) {
      start[static_cast<size_t>(b) + 1] =
          HWY_DYNAMIC_DISPATCH(count_kept)(mask + b * block, std::min(block, n - b * block));
    }
  });
  for (size_t b = 0; b < static_cast<size_t>(blocks); ++b) {
    start[b + 1] += start[b];
  }
  *call.out("count").host_as<uint64_t>() = static_cast<uint64_t>(start.back());

  const bool words = reinterpret_cast<uintptr_t>(x.host()) % std::max<size_t>(1, row) == 0;
  parallel_for(blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) {
      const int64_t begin = start[static_cast<size_t>(b)];
      const int64_t kept = start[static_cast<size_t>(b) + 1] - begin;
      const uint8_t* const block_mask = mask + b * block;
      const int64_t count = std::min(block, n - b * block);
      const std::byte* const from = x.host() + static_cast<size_t>(b * block) * row;
      std::byte* const to = call.out("y").host() + static_cast<size_t>(begin) * row;
      switch (words ? row : 0) {
        case 1:
          compact_elements<uint8_t>(
              HWY_DYNAMIC_DISPATCH(compact_1), from, block_mask, count, to, kept);
          break;
        case 2:
          compact_elements<uint16_t>(
              HWY_DYNAMIC_DISPATCH(compact_2), from, block_mask, count, to, kept);
          break;
        case 4:
          compact_elements<uint32_t>(
              HWY_DYNAMIC_DISPATCH(compact_4), from, block_mask, count, to, kept);
          break;
        case 8:
          compact_elements<uint64_t>(
              HWY_DYNAMIC_DISPATCH(compact_8), from, block_mask, count, to, kept);
          break;
        default:
          compact_rows(from, block_mask, count, to, row);
      }
    }
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
