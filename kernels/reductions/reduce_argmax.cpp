#include "kernels/reductions/reduce_argmax.hpp"

#include "kernels/common/reduction.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void reduce_argmax_cpu(const CpuContext& cpu, const Call& call);

namespace {

void infer(Call& call) {
  require_elements(call);
  call.set_output("index", DType::kI64, reduced_shape(call));
}

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& x = call.in("x");
  const ReductionShader shader = {"reductions/reduce_argmax.metal",
                                  "reduce_argmax_" + std::string(to_string(x.dtype())),
                                  2 * sizeof(uint32_t)};
  const ReductionView view = reduction_view(call);
  gpu.count32(view.length, "positions of a maximum");
  launch_reduction(gpu, shader, view, x, call.out("index").buffer());
}

}  // namespace

extern const KernelRecord reduce_argmax;
const KernelRecord reduce_argmax = {
    .id = "REDUCE_ARGMAX",
    .metal_function = "reduce_argmax_f32",
    .domain = "Reductions",
    .summary = "index of the first maximum of all elements or along one axis",
    .formula =
        "index = the least i with x[i] = max(x); -0 equals +0; the first NaN wins where there is "
        "one; without an axis, i counts the elements in row-major order; no elements: an error",
    .source = "NumPy, numpy.argmax",
    .inputs = {{.name = "x",
                .dtypes = "f32 f16 bf16 i32 u32",
                .shape = "",
                .summary = "values, any shape"}},
    .params = {kAxisParam},
    .outputs = {{.name = "index",
                 .dtypes = "i64",
                 .shape = "",
                 .summary = "positions: shape [] or x's without the axis"}},
    .infer = infer,
    .cost = reduction_cost,
    .sample = [](int64_t elements) { return Sample{{{"x", DType::kF32, {elements}}}, {}}; },
    .launch = launch,
    .cpu = reduce_argmax_cpu,
    .legacy_gflops = 440,
};

}  // namespace kernels

Tensor reduce_argmax(const Tensor& x, const ReductionOptions& options) {
  return run(kernels::reduce_argmax, {{"x", x}}, kernels::reduction_params(options))["index"];
}

}  // namespace ingot
