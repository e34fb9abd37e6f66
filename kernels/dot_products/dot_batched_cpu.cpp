#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dot_products/dot_batched_cpu.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "backends/cpu/gemm.hpp"
#include "core/parallel.hpp"
#include "kernels/common/simd-inl.h"
#include "kernels/dot_products/dot_libraries.hpp"
#include "kernels/dot_products/dot_operands.hpp"
#include "runtime/call.hpp"
#include "runtime/context.hpp"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

using kernels::DotOperands;

// Four independent sums hide the latency of the additions.
template <class T>
HWY_INLINE float dot(const T* HWY_RESTRICT a, const T* HWY_RESTRICT b, size_t d) {
  const F32 df;
  const size_t lanes = hn::Lanes(df);
  VF32 sum0 = hn::Zero(df);
  VF32 sum1 = sum0;
  VF32 sum2 = sum0;
  VF32 sum3 = sum0;
  const auto step = [&](size_t k, VF32 sum) HWY_ATTR {
    return hn::MulAdd(load_f32(df, a + k), load_f32(df, b + k), sum);
  };
  size_t k = 0;
  for (; k + 4 * lanes <= d; k += 4 * lanes) {
    sum0 = step(k, sum0);
    sum1 = step(k + lanes, sum1);
    sum2 = step(k + 2 * lanes, sum2);
    sum3 = step(k + 3 * lanes, sum3);
  }
  for (; k + lanes <= d; k += lanes) {
    sum0 = step(k, sum0);
  }
  float sum = 0;
  if (d >= lanes) {
    sum = hn::GetLane(hn::SumOfLanes(df, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  }
  for (; k < d; ++k) {
    sum += static_cast<float>(a[k]) * static_cast<float>(b[k]);
  }
  return sum;
}

HWY_INLINE int32_t dot(const int8_t* HWY_RESTRICT a, const int8_t* HWY_RESTRICT b, size_t d) {
  int32_t sum = 0;
  for (size_t k = 0; k < d; ++k) {
    sum += int32_t{a[k]} * int32_t{b[k]};
  }
  return sum;
}

/// pairs=rows: results begin..end.
void dot_rows(const DotOperands& o, size_t begin, size_t end) {
  o.visit([&]<class T, class Y>() HWY_ATTR {
    const auto* a = static_cast<const T*>(o.a);
    const auto* b = static_cast<const T*>(o.b);
    for (size_t i = begin; i < end; ++i) {
      static_cast<Y*>(o.y)[i] = o.finish<Y>(dot(a + i * o.d, b + i * o.d, o.d), i, i);
    }
  });
}

/// pairs=all for few rows of a: columns begin..end of the result, each row of b read once.
void dot_columns(const DotOperands& o, size_t begin, size_t end) {
  o.visit([&]<class T, class Y>() HWY_ATTR {
    const auto* a = static_cast<const T*>(o.a);
    const auto* b = static_cast<const T*>(o.b);
    for (size_t j = begin; j < end; ++j) {
      for (size_t i = 0; i < o.q; ++i) {
        static_cast<Y*>(o.y)[i * o.n + j] = o.finish<Y>(dot(a + i * o.d, b + j * o.d, o.d), i, j);
      }
    }
  });
}

/// Results begin..end of those at listed columns.
void dot_listed(const DotOperands& o, size_t begin, size_t end) {
  // The rows of b lie anywhere: they are asked for this many dot products ahead.
  constexpr size_t kAhead = 12;
  constexpr size_t kLine = 64;
  o.visit([&]<class T, class Y>() HWY_ATTR {
    using Limits = std::numeric_limits<Y>;
    constexpr Y kAbsent = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    const auto* a = static_cast<const T*>(o.a);
    const auto* b = static_cast<const T*>(o.b);
    for (size_t p = begin; p < end; ++p) {
      if (p + kAhead < end && o.columns[p + kAhead] < o.n) {
        const auto* row = reinterpret_cast<const char*>(b + o.columns[p + kAhead] * o.d);
        for (size_t byte = 0; byte < o.d * sizeof(T); byte += kLine) {
          hwy::Prefetch(row + byte);
        }
      }
      const size_t i = p / o.listed;
      const size_t j = o.columns[p];
      static_cast<Y*>(o.y)[p] =
          j < o.n ? o.finish<Y>(dot(a + i * o.d, b + j * o.d, o.d), i, j) : kAbsent;
    }
  });
}

/// The results of row i, columns j0..j0+count, from their dot products.
template <class Dot, class Y>
HWY_INLINE void finish_row(const DotOperands& o,
                           const Dot* HWY_RESTRICT dots,
                           size_t i,
                           size_t j0,
                           size_t count,
                           Y* HWY_RESTRICT y) {
  const float factor = o.a_scale != nullptr ? o.a_scale[i] : 1.0f;
  const float bias = o.a_bias != nullptr ? o.a_bias[i] : 0.0f;
  const float limit = o.at_least != nullptr ? o.at_least[i] : 0.0f;
  const auto store = [=](size_t j, float score) HWY_ATTR {
    if constexpr (std::is_same_v<Y, uint8_t>) {
      y[j] = score >= limit;
    } else {
      y[j] = score;
    }
  };
  if (o.b_scale != nullptr) {
    const float* HWY_RESTRICT b_scale = o.b_scale + j0;
    for (size_t j = 0; j < count; ++j) {
      store(j, b_scale[j] * (factor * static_cast<float>(dots[j]) + bias));
    }
  } else {
    for (size_t j = 0; j < count; ++j) {
      store(j, factor * static_cast<float>(dots[j]) + bias);
    }
  }
}

/// The results of a tile from its dot products, which are dense: f32, or i32 of i8 operands.
void finish_tile(const DotOperands& o, const cpu::Tile& tile, const void* dots) {
  o.visit([&]<class T, class Y>() HWY_ATTR {
    using Dot = std::conditional_t<std::is_same_v<T, int8_t>, int32_t, float>;
    if constexpr (!std::is_same_v<Y, int32_t>) {
      const auto columns = static_cast<size_t>(tile.columns());
      for (int64_t r = 0; r < tile.rows(); ++r) {
        const auto i = static_cast<size_t>(tile.m0 + r);
        const auto j = static_cast<size_t>(tile.n0);
        finish_row(o,
                   static_cast<const Dot*>(dots) + static_cast<size_t>(r) * columns,
                   i,
                   j,
                   columns,
                   static_cast<Y*>(o.y) + i * o.n + j);
      }
    }
  });
}

/// f32 from f16 or bf16.
void widen(DType dtype, const void* x, float* y, size_t count) {
  const auto same = [](VF32 v) HWY_ATTR { return v; };
  if (dtype == DType::kF16) {
    map_f32(static_cast<const float16*>(x), y, count, same);
  } else {
    map_f32(static_cast<const bfloat16*>(x), y, count, same);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(dot_rows);
HWY_EXPORT(dot_columns);
HWY_EXPORT(dot_listed);
HWY_EXPORT(finish_tile);
HWY_EXPORT(widen);

namespace kernels {
namespace {

using cpu::Matrix;
using cpu::Tile;

const float* values(const Call& call, std::string_view name) {
  return call.has(name) ? call.in(name).host_as<const float>() : nullptr;
}

DotOperands operands(const Call& call) {
  return {.a = call.in("a").host(),
          .b = call.in("b").host(),
          .q = static_cast<size_t>(call.extent("q")),
          .n = static_cast<size_t>(call.extent("n")),
          .d = static_cast<size_t>(call.extent("d")),
          .a_scale = values(call, "a_scale"),
          .b_scale = values(call, "b_scale"),
          .a_bias = values(call, "a_bias"),
          .at_least = values(call, "at_least"),
          .columns = call.has("columns") ? call.in("columns").host_as<const uint32_t>() : nullptr,
          .listed = call.has("columns") ? static_cast<size_t>(call.extent("m")) : 0,
          .y = call.out("y").host(),
          .dtype = call.in("a").dtype(),
          .y_dtype = call.out("y").dtype()};
}

// Dot products of a tile of i8 rows: straight into y where nothing is done to them.
void multiply_i8(const CpuContext& cpu, const DotOperands& o, const Tile& tile) {
  const auto d = static_cast<int64_t>(o.d);
  const bool direct = o.y_dtype == DType::kI32;
  const Buffer scratch =
      cpu.scratch(direct ? 0 : static_cast<size_t>(tile.rows() * tile.columns()) * sizeof(int32_t));
  const Matrix<int32_t> dots =
      direct ? Matrix<int32_t>{static_cast<int32_t*>(o.y) + static_cast<size_t>(tile.m0) * o.n +
                                   tile.n0,
                               static_cast<int64_t>(o.n)}
             : Matrix<int32_t>{reinterpret_cast<int32_t*>(scratch.host()), tile.columns()};
  cpu::gemm_i8(tile.rows(),
               tile.columns(),
               d,
               {static_cast<const int8_t*>(o.a) + tile.m0 * d, d},
               {static_cast<const int8_t*>(o.b) + tile.n0 * d, d},
               dots);
  if (!direct) {
    HWY_DYNAMIC_DISPATCH(finish_tile)(o, tile, dots.data);
  }
}

// `count` rows from row `first` on as f32, in `scratch` unless they are f32 already.
const float* rows_f32(
    const DotOperands& o, const void* rows, int64_t first, int64_t count, float* scratch) {
  const size_t begin = static_cast<size_t>(first) * o.d;
  if (o.dtype == DType::kF32) {
    return static_cast<const float*>(rows) + begin;
  }
  HWY_DYNAMIC_DISPATCH(widen)
  (o.dtype,
   static_cast<const std::byte*>(rows) + begin * size_of(o.dtype),
   scratch,
   static_cast<size_t>(count) * o.d);
  return scratch;
}

void multiply_f32(const CpuContext& cpu, const DotOperands& o, const Tile& tile) {
  const auto d = static_cast<int64_t>(o.d);
  const bool direct = o.y_dtype == DType::kF32 && !o.scaled();
  const int64_t results = direct ? 0 : tile.rows() * tile.columns();
  const int64_t widened = o.dtype == DType::kF32 ? 0 : (tile.rows() + tile.columns()) * d;
  const Buffer scratch = cpu.scratch(static_cast<size_t>(results + widened) * sizeof(float));
  auto* memory = reinterpret_cast<float*>(scratch.host());
  const float* a = rows_f32(o, o.a, tile.m0, tile.rows(), memory + results);
  const float* b = rows_f32(o, o.b, tile.n0, tile.columns(), memory + results + tile.rows() * d);
  const Matrix<float> dots =
      direct
          ? Matrix<float>{static_cast<float*>(o.y) + static_cast<size_t>(tile.m0) * o.n + tile.n0,
                          static_cast<int64_t>(o.n)}
          : Matrix<float>{memory, tile.columns()};
  cpu::gemm_f32(tile.rows(), tile.columns(), d, {a, d}, {b, d, true}, dots);
  if (!direct) {
    HWY_DYNAMIC_DISPATCH(finish_tile)(o, tile, dots.data);
  }
}

void fill(const CpuContext& cpu, const Call& call, const DotOperands& o) {
  // Rows worth handing to another thread.
  const int64_t grain = 1 + kElementwiseGrain / static_cast<int64_t>(o.d + 1);
  if (o.columns != nullptr) {
    parallel_for(call.in("columns").elements(), grain, [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(dot_listed)(o, static_cast<size_t>(begin), static_cast<size_t>(end));
    });
  } else if (call.choice("pairs") == "rows") {
    parallel_for(call.extent("q"), grain, [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(dot_rows)(o, static_cast<size_t>(begin), static_cast<size_t>(end));
    });
  } else if (!is_cpu_product(call)) {
    parallel_for(call.extent("n"), grain, [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(dot_columns)(o, static_cast<size_t>(begin), static_cast<size_t>(end));
    });
  } else {
    const bool product_only = o.dtype != DType::kI8 && o.y_dtype == DType::kF32 && !o.scaled();
    cpu::for_each_tile(call.extent("q"),
                       call.extent("n"),
                       product_only ? cpu::kProductTile : cpu::kCachedTile,
                       [&](const Tile& tile) {
                         o.dtype == DType::kI8 ? multiply_i8(cpu, o, tile)
                                               : multiply_f32(cpu, o, tile);
                       });
  }
}

// The columns of each row of a mask [q, n].
void list_columns(const Call& call, const DotOperands& o, const uint8_t* mask) {
  const auto room = static_cast<size_t>(call.integer("room"));
  auto* columns = call.out("y").host_as<uint32_t>();
  auto* counts = call.out("count").host_as<uint64_t>();
  parallel_for(call.extent("q"), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      uint64_t count = 0;
      for (size_t j = 0; j < o.n; ++j) {
        if (mask[i * o.n + j] != 0 && count++ < room) {
          columns[i * room + count - 1] = static_cast<uint32_t>(j);
        }
      }
      counts[i] = count;
      const size_t listed = std::min<size_t>(count, room);
      std::fill_n(columns + i * room + listed, room - listed, std::numeric_limits<uint32_t>::max());
    }
  });
}

}  // namespace

void dot_batched_cpu(const CpuContext& cpu, const Call& call) {
  DotOperands o = operands(call);
  if (!call.has_param("room")) {
    fill(cpu, call, o);
    return;
  }
  const Buffer mask = cpu.scratch(o.q * o.n);
  o.y = mask.host();
  o.y_dtype = DType::kU8;
  fill(cpu, call, o);
  list_columns(call, o, reinterpret_cast<const uint8_t*>(mask.host()));
}

}  // namespace kernels
}  // namespace ingot
#endif
