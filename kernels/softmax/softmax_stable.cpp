#include "kernels/softmax/softmax_stable.hpp"

#include <algorithm>
#include <bit>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "kernels/common/reduction.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void softmax_stable_cpu(const CpuContext& cpu, const Call& call);

namespace {

// Rows are kept in registers, 4 or 16 values a thread, as long as one SIMD-group or threadgroup can
// hold them; longer rows are read twice.
struct SoftmaxPolicy {
  uint32_t group_size = 256;
  uint32_t largest_group = 1024;
  uint32_t values = 16;  // per thread, as softmax_row and softmax_apply are instantiated
};
constexpr SoftmaxPolicy kPolicy;
constexpr std::string_view kShader = "softmax/softmax_stable.metal";
constexpr uint32_t kSimdWidth = 32;

// As in kernels/softmax/softmax_stable.metal.
struct SoftmaxArguments {
  uint32_t rows, length, lanes, aligned;
};
struct SoftmaxStatistics {
  float greatest, sum;
};

struct Rows {
  uint64_t rows, length;
  bool aligned;
  SoftmaxArguments arguments(const GpuContext& gpu, uint64_t lanes) const {
    return {gpu.count32(rows, "rows"),
            gpu.count32(length, "elements of a row"),
            static_cast<uint32_t>(lanes),
            aligned};
  }
};

void launch_short(GpuContext& gpu, const Call& call, const std::string& name, const Rows& rows) {
  const bool few = rows.length <= 4 * kSimdWidth;
  const auto lanes = std::bit_ceil(ceil_div(rows.length, few ? 4 : 16));
  Dispatch dispatch = gpu.kernel(kShader, name + (few ? "_short_4" : "_short_16"));
  const uint32_t group = dispatch.group_size(kPolicy.group_size);
  dispatch.bind(call.in("x")).bind(call.out("y")).value(rows.arguments(gpu, lanes));
  dispatch.threadgroups({ceil_div(rows.rows, group / lanes)}, {group});
}

void launch_long(GpuContext& gpu, const Call& call, const std::string& name, const Rows& rows) {
  const Buffer statistics = gpu.scratch(rows.rows * sizeof(SoftmaxStatistics));
  const ReductionView view{static_cast<int64_t>(rows.rows), static_cast<int64_t>(rows.length), 1};
  launch_reduction(gpu, {kShader, name, sizeof(SoftmaxStatistics)}, view, call.in("x"), statistics);
  Dispatch dispatch = gpu.kernel(kShader, name + "_apply");
  const uint32_t group = dispatch.group_size(kPolicy.group_size);
  const uint64_t parts = ceil_div(rows.length, uint64_t{group} * kPolicy.values);
  dispatch.bind(call.in("x"))
      .bind(call.out("y"))
      .value(rows.arguments(gpu, parts))
      .bind(statistics);
  dispatch.threadgroups({rows.rows * parts}, {group});
}

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& x = call.in("x");
  if (x.elements() == 0) {
    return;
  }
  const auto length = static_cast<uint64_t>(call.extent("n"));
  const Rows rows = {static_cast<uint64_t>(call.batch()),
                     length,
                     length % 4 == 0 && x.byte_offset() % (4 * size_of(x.dtype())) == 0};
  const std::string name = "softmax_stable_" + std::string(to_string(x.dtype()));
  if (length <= kPolicy.values * kSimdWidth) {
    launch_short(gpu, call, name, rows);
    return;
  }
  Dispatch dispatch = gpu.kernel(kShader, name);
  if (length > uint64_t{kPolicy.values} * dispatch.group_size(kPolicy.largest_group)) {
    launch_long(gpu, call, name, rows);
    return;
  }
  const uint64_t threads = ceil_div(length, kPolicy.values * kSimdWidth) * kSimdWidth;
  dispatch.bind(x).bind(call.out("y")).value(rows.arguments(gpu, 1));
  dispatch.threadgroups({rows.rows}, {threads});
}

}  // namespace

extern const KernelRecord softmax_stable;
const KernelRecord softmax_stable = {
    .id = "SOFTMAX_STABLE",
    .metal_function = "softmax_stable_f32",
    .domain = "Softmax",
    .summary = "softmax of rows, with the maximum subtracted first",
    .formula =
        "y = exp(x - max) / sum(exp(x - max)) over the last dimension, in f32; -inf gives 0; a row "
        "with NaN or +inf, or of -inf alone, becomes NaN",
    .source = "Milakov, Gimelshein, Online normalizer calculation for softmax, 2018 (safe softmax)",
    .inputs = {{.name = "x", .dtypes = "f32 f16 bf16", .shape = "[..., n]", .summary = "rows"}},
    .params = {},
    .outputs =
        {{.name = "y", .dtypes = "=x", .shape = "[..., n]", .summary = "rows that sum to one"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 5); },
    .sample =
        [](int64_t elements) {
          const int64_t n = std::min<int64_t>(4096, std::max<int64_t>(1, elements));
          return Sample{{{"x", DType::kF32, {elements / n, n}}}, {}};
        },
    .launch = launch,
    .cpu = softmax_stable_cpu,
    .legacy_gflops = 400,
};

}  // namespace kernels

Tensor softmax(const Tensor& x, const SoftmaxOptions& options) {
  const int axis = x.shape().normalize_axis(options.axis);
  if (axis != x.shape().rank() - 1) {
    throw Error(
        ErrorCode::kUnsupported,
        "softmax: axis",
        fmt::format("{} is not the last dimension of shape {}", options.axis, to_string(x.shape())),
        "transpose x so that the axis comes last");
  }
  return run(kernels::softmax_stable, {{"x", x}})["y"];
}

}  // namespace ingot
