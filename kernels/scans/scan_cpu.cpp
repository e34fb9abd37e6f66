// The CPU twin of both scans: vectors are scanned in registers, blocks by whichever core is free.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/scans/scan_cpu.cpp"
#include <algorithm>
#include <atomic>
#include <thread>

#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/scan.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Half of a small second-level cache holds a block, so the second read of it costs no memory
// traffic.
constexpr int64_t kBlockBytes = 128 << 10;
// Outputs that no cache will hold are written past it.
constexpr int64_t kStreamBytes = 4 << 20;

// Lane i takes lane from[i] - distance; the first `distance` lanes become 0.
template <class D, class V = hn::Vec<D>, class VU = hn::Vec<hn::RebindToUnsigned<D>>>
HWY_INLINE V lanes_before(D d, V v, VU from, size_t distance) {
  const hn::RebindToUnsigned<D> du;
  using U = hn::TFromD<decltype(du)>;
  const auto shift = hn::Set(du, static_cast<U>(distance));
  const auto index = hn::And(hn::Sub(from, shift), hn::Set(du, static_cast<U>(hn::Lanes(d) - 1)));
  const auto valid = hn::RebindMask(d, hn::Not(hn::Lt(hn::Iota(du, 0), shift)));
  return hn::IfThenElseZero(valid, hn::TableLookupLanes(v, hn::IndicesFromVec(d, index)));
}

// Lane i takes lane i - 1; the first becomes 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V lanes_up(D d, V v) {
  return lanes_before(d, v, hn::Iota(hn::RebindToUnsigned<D>(), 0), 1);
}

// Inclusive prefix sum of the lanes (Hillis and Steele, 1986): within 128-bit blocks, whose shifts
// are cheap, then by whole blocks.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V prefix_sum(D d, V v) {
  constexpr size_t kBlockLanes = 16 / sizeof(hn::TFromD<D>);
  v = hn::Add(v, hn::ShiftLeftLanes<1>(d, v));
  if constexpr (kBlockLanes > 2) {
    v = hn::Add(v, hn::ShiftLeftLanes<2>(d, v));
  }
  const hn::RebindToUnsigned<D> du;
  const auto block_end = hn::Or(hn::Iota(du, 0), hn::Set(du, kBlockLanes - 1));
  for (size_t distance = kBlockLanes; distance < hn::Lanes(d); distance *= 2) {
    v = hn::Add(v, lanes_before(d, v, block_end, distance));
  }
  return v;
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V last_lane(D d, V v) {
  const hn::RebindToUnsigned<D> du;
  using U = hn::TFromD<decltype(du)>;
  const auto last = hn::Set(du, static_cast<U>(hn::Lanes(d) - 1));
  return hn::TableLookupLanes(v, hn::IndicesFromVec(d, last));
}

enum class Output { kNone, kStore, kStream };

// Returns the sum of the block; unless kNone, writes y = offset + (sum within the block). kNone
// adds in the same order, so a block's offset is exactly what the block before it ended with. Runs
// of a few vectors are summed on their own, then added to the sum of the runs: a short chain of
// additions keeps f32 rounding low.
template <bool kExclusive, Output kOutput, class T>
T scan_block(const T* HWY_RESTRICT x, T* HWY_RESTRICT y, int64_t n, T offset) {
  constexpr int64_t kRunVectors = 64;
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto start = hn::Set(d, offset);
  auto runs = hn::Zero(d);
  auto carry = hn::Zero(d);
  int64_t i = 0;
  while (i + lanes <= n) {
    runs = hn::Add(runs, carry);
    carry = hn::Zero(d);
    for (const int64_t end = std::min(n, i + kRunVectors * lanes); i + lanes <= end; i += lanes) {
      const auto inclusive = prefix_sum(d, hn::LoadU(d, x + i));
      if constexpr (kOutput != Output::kNone) {
        const auto local = kExclusive ? lanes_up(d, inclusive) : inclusive;
        const auto result = hn::Add(start, hn::Add(runs, hn::Add(carry, local)));
        if constexpr (kOutput == Output::kStream) {
          hn::Stream(result, d, y + i);
        } else {
          hn::StoreU(result, d, y + i);
        }
      }
      carry = hn::Add(carry, last_lane(d, inclusive));
    }
  }
  const T before = hn::GetLane(runs);
  T sum = hn::GetLane(carry);
  for (; i < n; ++i) {
    const T next = sum + x[i];
    if constexpr (kOutput != Output::kNone) {
      y[i] = offset + (before + (kExclusive ? sum : next));
    }
    sum = next;
  }
  return before + sum;
}

// Each core takes the next block. Where the block before it has passed on its offset, the block is
// scanned at once; where it has not, the core does not idle but sums its block, so that it can pass
// on an offset as soon as it gets one, and scans the block, which by now is in its cache,
// afterwards. A block waits only for blocks that other cores are at work on.
template <bool kExclusive, Output kOutput, class T>
void scan_long_line(const T* x, T* y, int64_t n) {
  constexpr int64_t kBlock = kBlockBytes / sizeof(T);
  const int64_t blocks = (n + kBlock - 1) / kBlock;
  const int pieces = piece_count(blocks, 1);
  std::atomic<int64_t> next = 0;
  std::atomic<int64_t> turn = 0;
  T offset = 0;  // of block `turn`
  const auto is_turn = [&](int64_t block) { return turn.load(std::memory_order_acquire) == block; };
  const auto pass_on = [&](int64_t block, T sum) {
    offset += sum;
    turn.store(block + 1, std::memory_order_release);
  };
  parallel_pieces(pieces, pieces, [&](int, int64_t, int64_t) {
    for (int64_t block = next++; block < blocks; block = next++) {
      const T* from = x + block * kBlock;
      T* to = y + block * kBlock;
      const int64_t count = std::min(kBlock, n - block * kBlock);
      if (is_turn(block)) {
        pass_on(block, scan_block<kExclusive, kOutput, T>(from, to, count, offset));
        continue;
      }
      const T sum = scan_block<kExclusive, Output::kNone, T>(from, nullptr, count, T(0));
      while (!is_turn(block)) {
        std::this_thread::yield();
      }
      const T before = offset;
      pass_on(block, sum);
      scan_block<kExclusive, kOutput, T>(from, to, count, before);
    }
    hwy::FlushStream();
  });
}

template <bool kExclusive, class T>
void scan_lines(const T* x, T* y, int64_t lines, int64_t n) {
  constexpr int64_t kBlock = kBlockBytes / sizeof(T);
  if (lines < worker_count() && n > kBlock) {
    const bool stream = lines * n * static_cast<int64_t>(sizeof(T)) >= kStreamBytes;
    for (int64_t line = 0; line < lines; ++line) {
      T* out = y + line * n;
      const bool aligned =
          reinterpret_cast<uintptr_t>(out) % (hn::Lanes(hn::ScalableTag<T>()) * sizeof(T)) == 0;
      (stream && aligned ? scan_long_line<kExclusive, Output::kStream, T>
                         : scan_long_line<kExclusive, Output::kStore, T>)(x + line * n, out, n);
    }
    return;
  }
  parallel_for(lines, std::max<int64_t>(1, kElementwiseGrain / n), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      T offset = 0;
      for (int64_t i = line * n; i < (line + 1) * n; i += kBlock) {
        const int64_t count = std::min(kBlock, (line + 1) * n - i);
        offset += scan_block<kExclusive, Output::kStore, T>(x + i, y + i, count, offset);
      }
    }
  });
}

// Lines that lie `inner` apart: whole rows of a slab of columns are added to running sums, which
// start anew every kRows rows to keep f32 rounding low.
template <bool kExclusive, class T>
void scan_columns(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
  constexpr int64_t kSlab = 512;
  constexpr int64_t kRows = 1024;
  const int64_t slabs = (inner + kSlab - 1) / kSlab;
  parallel_for(outer * slabs, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t column = task % slabs * kSlab;
      const auto width = static_cast<size_t>(std::min(kSlab, inner - column));
      T offset[kSlab] = {};
      T sum[kSlab] = {};
      for (int64_t row = 0; row < n; ++row) {
        if (row % kRows == 0) {
          for (size_t i = 0; i < width; ++i) {
            offset[i] += sum[i];
            sum[i] = 0;
          }
        }
        const int64_t start = (task / slabs * n + row) * inner + column;
        const T* HWY_RESTRICT from = x + start;
        T* HWY_RESTRICT to = y + start;
        for (size_t i = 0; i < width; ++i) {
          const T next = sum[i] + from[i];
          to[i] = offset[i] + (kExclusive ? sum[i] : next);
          sum[i] = next;
        }
      }
    }
  });
}

template <class T>
void scan(const T* x, T* y, const kernels::ScanView& view, bool exclusive) {
  if (view.inner == 1) {
    (exclusive ? scan_lines<true, T> : scan_lines<false, T>)(x, y, view.outer, view.n);
  } else {
    (exclusive ? scan_columns<true, T>
               : scan_columns<false, T>)(x, y, view.outer, view.n, view.inner);
  }
}

void scan_u32(const uint32_t* x, uint32_t* y, const kernels::ScanView& view, bool exclusive) {
  scan(x, y, view, exclusive);
}
void scan_u64(const uint64_t* x, uint64_t* y, const kernels::ScanView& view, bool exclusive) {
  scan(x, y, view, exclusive);
}
void scan_f32(const float* x, float* y, const kernels::ScanView& view, bool exclusive) {
  scan(x, y, view, exclusive);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(scan_u32);
HWY_EXPORT(scan_u64);
HWY_EXPORT(scan_f32);

namespace kernels {

void scan_cpu(const Call& call, bool exclusive) {
  const ScanView view = scan_view(call);
  if (view.elements() == 0) {
    return;
  }
  const Tensor& x = call.in("x");
  const Tensor& y = call.out("y");
  switch (x.dtype()) {
    case DType::kF32:
      HWY_DYNAMIC_DISPATCH(scan_f32)(x.host_as<float>(), y.host_as<float>(), view, exclusive);
      return;
    case DType::kU64:
      HWY_DYNAMIC_DISPATCH(scan_u64)(x.host_as<uint64_t>(), y.host_as<uint64_t>(), view, exclusive);
      return;
    default:  // u32, and i32, whose sums have the same bits
      HWY_DYNAMIC_DISPATCH(scan_u32)(x.host_as<uint32_t>(), y.host_as<uint32_t>(), view, exclusive);
  }
}

}  // namespace kernels
}  // namespace ingot
#endif
