#include "kernels/quantization/dequantize_i8_to_f16.hpp"

#include <algorithm>
#include <bit>

#include "runtime/call.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void dequantize_i8_to_f16_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr uint32_t kElements = 16;  // as in the shader

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& q = call.in("q");
  const uint32_t rows = gpu.count32(call.extent("rows"), "rows");
  const uint32_t cols = gpu.count32(call.extent("cols"), "elements of a row");
  if (q.elements() == 0) {
    return;
  }
  // Rows of q may begin anywhere in its buffer, see Tensor::rows; those of x begin on a page.
  const bool packed = cols % kElements == 0 && q.byte_offset() % kElements == 0;
  const uint64_t of_row = std::max<uint64_t>(2, std::bit_ceil(ceil_div(cols, kElements)));
  Dispatch dispatch =
      gpu.kernel("quantization/dequantize_i8_to_f16.metal", "dequantize_i8_to_f16", {{0, packed}});
  const uint32_t group = dispatch.group_size(256);
  dispatch.bind(q).bind(call.in("scale")).bind(call.out("x")).value(rows).value(cols);
  dispatch.value(static_cast<uint32_t>(std::countr_zero(of_row)));
  const uint32_t threads = gpu.count32(rows * of_row, "threads");
  dispatch.threadgroups({ceil_div(threads, group)}, {group});
}

}  // namespace

extern const KernelRecord dequantize_i8_to_f16;
const KernelRecord dequantize_i8_to_f16 = {
    .id = "DEQUANTIZE_I8_TO_F16",
    .metal_function = "dequantize_i8_to_f16",
    .domain = "Quantization",
    .summary = "i8 rows and their scales back to f16",
    .formula = "x = q * scale of the row, rounded to f32 and then to f16",
    .source = "the inverse of QUANTIZE_F16_TO_I8",
    .inputs = {{.name = "q", .dtypes = "i8", .shape = "[rows, cols]", .summary = "integers"},
               {.name = "scale", .dtypes = "f32", .shape = "[rows]", .summary = "of each row"}},
    .params = {},
    .outputs = {{.name = "x", .dtypes = "f16", .shape = "[rows, cols]", .summary = "values"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 1); },
    .sample =
        [](int64_t elements) {
          const int64_t rows = std::max<int64_t>(1, elements / 128);
          return Sample{{{"q", DType::kI8, {rows, 128}}, {"scale", DType::kF32, {rows}}}, {}};
        },
    .launch = launch,
    .cpu = dequantize_i8_to_f16_cpu,
    .legacy_gflops = 600,
};

}  // namespace kernels

Tensor dequantize_i8_to_f16(const Tensor& q, const Tensor& scale) {
  return run(kernels::dequantize_i8_to_f16, {{"q", q}, {"scale", scale}})["x"];
}

}  // namespace ingot
