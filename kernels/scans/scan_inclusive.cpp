#include "kernels/scans/scan_inclusive.hpp"

#include "kernels/common/scan.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

extern const KernelRecord scan_inclusive;
const KernelRecord scan_inclusive = {
    .id = "SCAN_INCLUSIVE",
    .metal_function = "scan_inclusive",
    .domain = "Scans",
    .summary = "inclusive prefix sum along one axis: the sum of the elements up to each",
    .formula =
        "y[i] = x[0] + ... + x[i] along the axis; integers wrap modulo 2^32 or 2^64. f32 "
        "is summed in blocks: results do not depend on the number of cores, may differ "
        "between kinds of device by rounding, and an intermediate sum of a block may "
        "overflow where a sum from the left would not. NaN and infinities spread to all "
        "later elements",
    .source =
        "G. Blelloch, Prefix Sums and Their Applications, 1990; reduce-then-scan, or one pass "
        "after Merrill and Garland, Single-pass Parallel Prefix Scan with Decoupled Look-back, "
        "2016",
    .inputs = {{.name = "x",
                .dtypes = "u32 i32 u64 f32",
                .shape = "[...]",
                .summary = "values; at least one dimension"}},
    .params = {{.name = "axis",
                .type = ParamType::kInteger,
                .fallback = "-1",
                .summary = "dimension to sum along; negative: from the end"}},
    .outputs = {{.name = "y", .dtypes = "=x", .shape = "[...]", .summary = "prefix sums"}},
    .infer = [](Call& call) { scan_view(call); },
    .cost = [](const Call& call) { return streaming_cost(call, 1); },
    .sample = [](int64_t elements) { return Sample{{{"x", DType::kF32, {elements}}}, {}}; },
    .launch = [](GpuContext& gpu, const Call& call) { launch_scan(gpu, call, false); },
    .cpu = [](const CpuContext&, const Call& call) { scan_cpu(call, false); },
    .legacy_gflops = 280,
};

}  // namespace kernels

Tensor inclusive_scan(const Tensor& x, const InclusiveScanOptions& options) {
  return run(kernels::scan_inclusive, {{"x", x}}, {{"axis", options.axis}})["y"];
}

}  // namespace ingot
