#include "kernels/quantization/dequantize_i8_to_f16.hpp"

#include <algorithm>

#include "kernels/common/elementwise.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void dequantize_i8_to_f16_cpu(const CpuContext& cpu, const Call& call);

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
    .gpu_max_elements = kMax32BitIndex,
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 1); },
    .sample =
        [](int64_t elements) {
          const int64_t rows = std::max<int64_t>(1, elements / 128);
          return Sample{{{"q", DType::kI8, {rows, 128}}, {"scale", DType::kF32, {rows}}}, {}};
        },
    .launch =
        [](GpuContext& gpu, const Call& call) {
          launch_binary(gpu,
                        "quantization/dequantize_i8_to_f16.metal",
                        "dequantize_i8_to_f16",
                        call.in("q"),
                        call.in("scale").reshape({call.extent("rows"), 1}),
                        call.out("x"));
        },
    .cpu = dequantize_i8_to_f16_cpu,
    .legacy_gflops = 600,
};

}  // namespace kernels

Tensor dequantize_i8_to_f16(const Tensor& q, const Tensor& scale) {
  return run(kernels::dequantize_i8_to_f16, {{"q", q}, {"scale", scale}})["x"];
}

}  // namespace ingot
