#include "kernels/quantization/quantize_f32_to_f16.hpp"

#include "kernels/common/elementwise.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void quantize_f32_to_f16_cpu(const CpuContext& cpu, const Call& call);

extern const KernelRecord quantize_f32_to_f16;
const KernelRecord quantize_f32_to_f16 = {
    .id = "QUANTIZE_F32_TO_F16",
    .metal_function = "quantize_f32_to_f16",
    .domain = "Quantization",
    .summary = "f32 to f16, rounded to nearest even",
    .formula =
        "y = x rounded to the nearest f16, ties to even; |x| >= 65520 gives inf, subnormals are "
        "kept, NaN stays NaN",
    .source = "IEEE 754-2008, convertFormat, roundTiesToEven",
    .inputs = {{.name = "x", .dtypes = "f32", .shape = "[...]", .summary = "values"}},
    .params = {},
    .outputs = {{.name = "y", .dtypes = "f16", .shape = "[...]", .summary = "rounded values"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 0); },
    .sample = [](int64_t elements) { return Sample{{{"x", DType::kF32, {elements}}}, {}}; },
    .launch =
        [](GpuContext& gpu, const Call& call) {
          launch_unary(gpu,
                       "quantization/quantize_f32_to_f16.metal",
                       "quantize_f32_to_f16",
                       call.in("x"),
                       call.out("y"));
        },
    .cpu = quantize_f32_to_f16_cpu,
    .legacy_gflops = 650,
};

}  // namespace kernels

Tensor quantize_f32_to_f16(const Tensor& x) {
  return run(kernels::quantize_f32_to_f16, {{"x", x}})["y"];
}

}  // namespace ingot
