#include "kernels/elementwise_binary/map_add.hpp"

#include "kernels/common/elementwise.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void map_add_cpu(const CpuContext& cpu, const Call& call);

extern const KernelRecord map_add;
const KernelRecord map_add = {
    .id = "MAP_ADD",
    .metal_function = "map_add",
    .domain = "Elementwise Binary",
    .summary = "a + b with broadcasting",
    .formula =
        "y = a + b, shapes aligned at the last dimension, extents of 1 stretched; "
        "floating-point sums rounded to nearest, ties to even; integer sums wrap around",
    .source = "IEEE 754-2008, addition; NumPy's broadcasting rules",
    .inputs = {{.name = "a",
                .dtypes = "f32 f16 bf16 i32 u32 i64",
                .shape = "",
                .summary = "left operand"},
               {.name = "b", .dtypes = "=a", .shape = "", .summary = "right operand"}},
    .params = {},
    .outputs = {{.name = "y", .dtypes = "=a", .shape = "", .summary = "sums"}},
    .infer = [](Call& call) { infer_broadcast(call, "a", "b", "y", call.in("a").dtype()); },
    .cost = [](const Call& call) { return streaming_cost(call, 1); },
    .sample =
        [](int64_t elements) {
          return Sample{{{"a", DType::kF32, {elements}}, {"b", DType::kF32, {elements}}}, {}};
        },
    .launch =
        [](GpuContext& gpu, const Call& call) {
          launch_binary(gpu,
                        "elementwise_binary/map_add.metal",
                        entry_point("map_add", call.in("a").dtype()),
                        call.in("a"),
                        call.in("b"),
                        call.out("y"));
        },
    .cpu = map_add_cpu,
    .legacy_gflops = 500,
};

}  // namespace kernels

Tensor add(const Tensor& a, const Tensor& b) {
  return run(kernels::map_add, {{"a", a}, {"b", b}})["y"];
}

}  // namespace ingot
