#include "kernels/reductions/reduce_sum.hpp"

#include "kernels/common/reduction.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void reduce_sum_cpu(const CpuContext& cpu, const Call& call);

namespace {

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& x = call.in("x");
  const ReductionShader shader = {"reductions/reduce_sum.metal",
                                  "reduce_sum_" + std::string(to_string(x.dtype())),
                                  x.dtype() == DType::kI64 ? sizeof(uint64_t) : sizeof(uint32_t)};
  launch_reduction(gpu, shader, reduction_view(call), x, call.out("y").buffer());
}

}  // namespace

extern const KernelRecord reduce_sum;
const KernelRecord reduce_sum = {
    .id = "REDUCE_SUM",
    .metal_function = "reduce_sum",
    .domain = "Reductions",
    .summary = "sum of all elements or along one axis",
    .formula =
        "y = sum(x), pairwise in f32 and rounded once for f32, f16 and bf16; integers wrap on "
        "overflow; the sum of nothing is 0; infinities and NaN propagate",
    .source = "Higham, The accuracy of floating point summation, 1993 (pairwise summation)",
    .inputs = {{.name = "x",
                .dtypes = "f32 f16 bf16 i32 u32 i64",
                .shape = "",
                .summary = "values, any shape"}},
    .params = {kAxisParam},
    .outputs = {{.name = "y",
                 .dtypes = "=x",
                 .shape = "",
                 .summary = "sums: shape [] or x's without the axis"}},
    .infer = [](Call& call) { call.set_output("y", call.in("x").dtype(), reduced_shape(call)); },
    .cost = reduction_cost,
    .sample = [](int64_t elements) { return Sample{{{"x", DType::kF32, {elements}}}, {}}; },
    .launch = launch,
    .cpu = reduce_sum_cpu,
    .legacy_gflops = 450,
};

}  // namespace kernels

Tensor reduce_sum(const Tensor& x, const ReductionOptions& options) {
  return run(kernels::reduce_sum, {{"x", x}}, kernels::reduction_params(options))["y"];
}

}  // namespace ingot
