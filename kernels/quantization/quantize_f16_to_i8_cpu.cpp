#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantization/quantize_f16_to_i8_cpu.cpp"
#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/simd-inl.h"
#include "runtime/call.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace {

// The greatest |x| as its bits, which are ordered like the magnitudes, infinities and NaN last.
uint16_t max_magnitude(const float16* x, size_t count) {
  const hn::ScalableTag<uint16_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto* bits = reinterpret_cast<const uint16_t*>(x);
  const auto without_sign = hn::Set(d, uint16_t{0x7fff});
  auto largest = hn::Zero(d);
  auto second = hn::Zero(d);
  size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    largest = hn::Max(largest, hn::And(hn::LoadU(d, bits + i), without_sign));
    second = hn::Max(second, hn::And(hn::LoadU(d, bits + i + lanes), without_sign));
  }
  if (i < count && count >= 2 * lanes) {  // the last two vectors see some elements again
    largest = hn::Max(largest, hn::And(hn::LoadU(d, bits + count - 2 * lanes), without_sign));
    second = hn::Max(second, hn::And(hn::LoadU(d, bits + count - lanes), without_sign));
    i = count;
  }
  auto result = hn::GetLane(hn::MaxOfLanes(d, hn::Max(largest, second)));
  for (; i < count; ++i) {
    result = std::max(result, static_cast<uint16_t>(bits[i] & 0x7fff));
  }
  return result;
}

// Rounds exactly, see the comment in the shader.
void quantize_run(const float16* x, int8_t* q, size_t count, float inverse) {
  if (inverse == 0) {
    std::memset(q, 0, count);
    return;
  }
  const F32 d;
  const hn::RebindToUnsigned<F32> du;
  const hn::Rebind<int8_t, F32> d8;
  const hn::Rebind<uint8_t, F32> du8;
  const size_t lanes = hn::Lanes(d);
  const auto quantized = [&](const float16* from) HWY_ATTR {
    const auto product = hn::Mul(load_f32(d, from), hn::Set(d, inverse));
    const auto bits = hn::Add(hn::BitCast(du, product), hn::Set(du, 8u));
    const auto snapped = hn::BitCast(d, hn::And(bits, hn::Set(du, ~15u)));
    // 1.5 * 2^23 added: no fraction bits are left, so the sum is rounded to an integer, ties to
    // even, whose low byte is the result.
    const auto shifted = hn::Add(snapped, hn::Set(d, 12582912.0f));
    return hn::BitCast(d8, hn::TruncateTo(du8, hn::BitCast(du, shifted)));
  };
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(quantized(x + i), d8, q + i);
  }
  if (i < count && count >= lanes) {  // the last vector computes some elements again
    hn::StoreU(quantized(x + count - lanes), d8, q + count - lanes);
  } else if (i < count) {
    float16 in[hn::MaxLanes(F32())] = {};
    int8_t out[hn::MaxLanes(F32())];
    std::copy_n(x, count, in);
    hn::StoreU(quantized(in), d8, out);
    std::copy_n(out, count, q);
  }
}

struct RowScale {
  float scale;
  float inverse;  // what the row is multiplied by; 0 where the integers are 0
};

HWY_INLINE RowScale row_scale(uint16_t largest) {
  if (largest >= 0x7c00) {
    return {std::numeric_limits<float>::quiet_NaN(), 0};
  }
  const auto magnitude = static_cast<float>(std::bit_cast<float16>(largest));
  return {magnitude / 127, largest == 0 ? 0 : 127 / magnitude};
}

}  // namespace

void quantize_rows(const float16* x, int8_t* q, float* scale, size_t rows, size_t cols) {
  for (size_t row = 0; row < rows; ++row) {
    const RowScale of_row = row_scale(max_magnitude(x + row * cols, cols));
    scale[row] = of_row.scale;
    quantize_run(x + row * cols, q + row * cols, cols, of_row.inverse);
  }
}

// One row, by all cores.
void quantize_long_row(const float16* x, int8_t* q, float* scale, int64_t cols) {
  std::atomic<uint16_t> largest = 0;
  parallel_for(cols, kElementwiseGrain, [&](int64_t begin, int64_t end) {
    const uint16_t part = max_magnitude(x + begin, static_cast<size_t>(end - begin));
    uint16_t seen = largest;
    while (seen < part && !largest.compare_exchange_weak(seen, part)) {
    }
  });
  const RowScale of_row = row_scale(largest);
  *scale = of_row.scale;
  parallel_for(cols, kElementwiseGrain, [&](int64_t begin, int64_t end) {
    quantize_run(x + begin, q + begin, static_cast<size_t>(end - begin), of_row.inverse);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(quantize_rows);
HWY_EXPORT(quantize_long_row);

namespace kernels {

void quantize_f16_to_i8_cpu(const CpuContext&, const Call& call) {
  const int64_t rows = call.extent("rows");
  const int64_t cols = call.extent("cols");
  const auto* x = call.in("x").host_as<const float16>();
  auto* q = call.out("q").host_as<int8_t>();
  auto* scale = call.out("scale").host_as<float>();
  // A row that is more than a core's share of the work is split.
  if (rows < 4 * worker_count() && cols > 4 * kElementwiseGrain) {
    for (int64_t row = 0; row < rows; ++row) {
      HWY_DYNAMIC_DISPATCH(quantize_long_row)(x + row * cols, q + row * cols, scale + row, cols);
    }
    return;
  }
  const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / std::max<int64_t>(1, cols));
  parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(quantize_rows)(x + begin * cols,
                                        q + begin * cols,
                                        scale + begin,
                                        static_cast<size_t>(end - begin),
                                        static_cast<size_t>(cols));
  });
}

}  // namespace kernels
}  // namespace ingot
#endif
