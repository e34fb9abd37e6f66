#include "kernels/layout_transforms/transpose_2d.hpp"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

#include "runtime/call.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void transpose_2d_cpu(const CpuContext& cpu, const Call& call);

namespace {

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& x = call.in("x");
  if (x.elements() == 0) {
    return;
  }
  const uint32_t rows = gpu.count32(call.extent("r"), "rows");
  const uint32_t cols = gpu.count32(call.extent("c"), "columns");
  const uint32_t tile = size_of(x.dtype()) == 8 ? 32 : 64;  // as in the shader
  const std::string function = fmt::format("transpose_2d_{}", size_of(x.dtype()));
  Dispatch dispatch = gpu.kernel("layout_transforms/transpose_2d.metal", function);
  dispatch.bind(x).bind(call.out("y")).value(rows).value(cols);
  dispatch.threadgroups({ceil_div(rows, tile) * ceil_div(cols, tile)}, {256});
}

Sample sample(int64_t elements) {
  const auto edge = std::max<int64_t>(1, std::llround(std::sqrt(static_cast<double>(elements))));
  return {{{"x", DType::kF32, {edge, edge}}}, {}};
}

}  // namespace

extern const KernelRecord transpose_2d;
const KernelRecord transpose_2d = {
    .id = "TRANSPOSE_2D",
    .metal_function = "transpose_2d",
    .domain = "Layout Transforms",
    .summary = "transpose of a matrix",
    .formula = "y[j, i] = x[i, j], bits unchanged",
    .source = "Ruetsch and Micikevicius, Optimizing Matrix Transpose in CUDA, 2009",
    .inputs = {{.name = "x",
                .dtypes = "f32 f16 bf16 i32 u32 i64 u64 i8 u8 bool",
                .shape = "[r, c]",
                .summary = "matrix"}},
    .params = {},
    .outputs = {{.name = "y", .dtypes = "=x", .shape = "[c, r]", .summary = "its transpose"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 0); },
    .sample = sample,
    .launch = launch,
    .cpu = transpose_2d_cpu,
    .legacy_gflops = 400,
};

}  // namespace kernels

Tensor transpose_2d(const Tensor& x) {
  return run(kernels::transpose_2d, {{"x", x}})["y"];
}

}  // namespace ingot
