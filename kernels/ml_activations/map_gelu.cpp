#include "kernels/ml_activations/map_gelu.hpp"

#include "kernels/common/elementwise.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void map_gelu_cpu(const CpuContext& cpu, const Call& call);

extern const KernelRecord map_gelu;
const KernelRecord map_gelu = {
    .id = "MAP_GELU",
    .metal_function = "map_gelu",
    .domain = "ML Activations",
    .summary = "Gaussian error linear unit",
    .formula =
        "tanh: y = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))); none: y = 0.5 x (1 + "
        "erf(x / sqrt(2))); -inf gives -0, inf gives inf, NaN stays NaN",
    .source = "Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv 1606.08415",
    .inputs = {{.name = "x", .dtypes = "f32 f16 bf16", .shape = "[...]", .summary = "values"}},
    .params = {{.name = "approximate",
                .type = ParamType::kChoice,
                .fallback = "tanh",
                .summary = "tanh: the approximation; none: the exact form",
                .choices = "tanh none"}},
    .outputs = {{.name = "y", .dtypes = "=x", .shape = "[...]", .summary = "activations"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 20); },
    .sample = [](int64_t elements) { return Sample{{{"x", DType::kF32, {elements}}}, {}}; },
    .launch =
        [](GpuContext& gpu, const Call& call) {
          const Tensor& x = call.in("x");
          const auto stem = call.choice("approximate") == "tanh" ? "map_gelu" : "map_gelu_erf";
          launch_unary(
              gpu, "ml_activations/map_gelu.metal", entry_point(stem, x.dtype()), x, call.out("y"));
        },
    .cpu = map_gelu_cpu,
    .legacy_gflops = 340,
};

}  // namespace kernels

Tensor gelu(const Tensor& x, GeluForm form) {
  const char* approximate = form == GeluForm::kTanh ? "tanh" : "none";
  return run(kernels::map_gelu, {{"x", x}}, {{"approximate", approximate}})["y"];
}

}  // namespace ingot
