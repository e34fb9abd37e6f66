#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/compaction/compact_columns_cpu.cpp"
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The columns that one row of a mask keeps; returns how many. Most masks keep few: a vector
/// without any costs one comparison.
uint64_t compact_row(const uint8_t* HWY_RESTRICT mask,
                     size_t n,
                     uint32_t* HWY_RESTRICT columns,
                     size_t room) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  size_t kept = 0;
  const auto keep = [&](size_t column) {
    if (kept < room) {
      columns[kept] = static_cast<uint32_t>(column);
    }
    ++kept;
  };
  size_t c = 0;
  for (; c + lanes <= n; c += lanes) {
    const auto kept_lanes = hn::Ne(hn::LoadU(d, mask + c), hn::Zero(d));
    if (hn::AllFalse(d, kept_lanes)) {
      continue;
    }
    uint8_t bytes[std::max<size_t>(8, hn::MaxLanes(hn::ScalableTag<uint8_t>()) / 8)] = {};
    hn::StoreMaskBits(d, kept_lanes, bytes);
    for (size_t word = 0; word < lanes; word += 64) {
      uint64_t bits = 0;
      std::memcpy(&bits, bytes + word / 8, sizeof(bits));
      for (; bits != 0; bits &= bits - 1) {
        keep(c + word + static_cast<size_t>(std::countr_zero(bits)));
      }
    }
  }
  for (; c < n; ++c) {
    if (mask[c] != 0) {
      keep(c);
    }
  }
  return kept;
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(compact_row);

namespace kernels {

/// COMPACT_MASK without x: row by row, on all cores.
void compact_columns_cpu(const Call& call) {
  const auto* mask = call.in("mask").host_as<const uint8_t>();
  auto* columns = call.out("y").host_as<uint32_t>();
  auto* counts = call.out("count").host_as<uint64_t>();
  const auto n = static_cast<size_t>(call.extent("n"));
  const auto room = static_cast<size_t>(call.out("y").shape()[-1]);
  const int64_t grain = 1 + kElementwiseGrain / (1 + call.extent("n"));
  parallel_for(call.batch(), grain, [&](int64_t begin, int64_t end) {
    for (auto row = static_cast<size_t>(begin); row < static_cast<size_t>(end); ++row) {
      counts[row] =
          HWY_DYNAMIC_DISPATCH(compact_row)(mask + row * n, n, columns + row * room, room);
      const size_t kept = std::min<size_t>(counts[row], room);
      std::fill_n(columns + row * room + kept, room - kept, std::numeric_limits<uint32_t>::max());
    }
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
