#include "kernels/quantization/quantize_f16_to_i8.hpp"

#include <algorithm>
#include <bit>

#include "runtime/call.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void quantize_f16_to_i8_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr std::string_view kShader = "quantization/quantize_f16_to_i8.metal";
// As in the shader.
constexpr uint32_t kPack = 8;
constexpr uint32_t kHeld = 4;

// How rows are given to threads. Not tuned by measurement yet.
struct Policy {
  uint32_t group_size = 256;
  uint32_t longest_short_row = 4096;  // longer rows are split into parts
  uint32_t part = 4096;               // elements of a part, unless a row would have more than
  uint32_t most_parts = 1024;         // parts of a row: each threadgroup reads the maxima of all
};
constexpr Policy kPolicy;

// As in the shader.
struct Parts {
  uint32_t cols, parts, part;
};

void launch_short_rows(GpuContext& gpu, const Call& call, bool packed) {
  const uint32_t rows = gpu.count32(call.extent("rows"), "rows");
  const uint32_t cols = gpu.count32(call.extent("cols"), "elements of a row");
  const uint32_t lanes =
      std::clamp(std::bit_ceil(cols / (kHeld * kPack)), uint32_t{1}, uint32_t{32});
  Dispatch dispatch = gpu.kernel(kShader, "quantize_f16_to_i8", {{0, packed}, {1, lanes}});
  const uint32_t group = dispatch.group_size(kPolicy.group_size);
  dispatch.bind(call.in("x")).bind(call.out("q")).bind(call.out("scale")).value(rows).value(cols);
  const uint32_t threads = gpu.count32(uint64_t{rows} * lanes, "threads");
  dispatch.threadgroups({ceil_div(threads, group)}, {group});
}

void launch_long_rows(GpuContext& gpu, const Call& call, bool packed) {
  const auto rows = static_cast<uint64_t>(call.extent("rows"));
  const auto cols = static_cast<uint64_t>(call.extent("cols"));
  const uint64_t part = ceil_div(cols, uint64_t{kPolicy.part} * kPolicy.most_parts) * kPolicy.part;
  const uint64_t parts = ceil_div(cols, part);
  const Parts shape{gpu.count32(cols, "elements of a row"),
                    static_cast<uint32_t>(parts),
                    static_cast<uint32_t>(part)};
  const std::vector<FunctionConstant> constants = {{0, packed}, {1, uint32_t{32}}};
  const Buffer maxima = gpu.scratch(rows * parts * sizeof(uint32_t));

  Dispatch find = gpu.kernel(kShader, "quantize_f16_to_i8_maxima", constants);
  find.bind(call.in("x")).bind(maxima).value(shape);
  find.threadgroups({rows * parts}, {find.group_size(kPolicy.group_size)});

  Dispatch quantize = gpu.kernel(kShader, "quantize_f16_to_i8_parts", constants);
  quantize.bind(call.in("x")).bind(call.out("q")).bind(call.out("scale")).bind(maxima).value(shape);
  quantize.threadgroups({rows * parts}, {quantize.group_size(kPolicy.group_size)});
}

void launch(GpuContext& gpu, const Call& call) {
  if (call.extent("rows") == 0) {
    return;
  }
  const int64_t cols = call.extent("cols");
  // Rows of x may begin anywhere in its buffer, see Tensor::rows; those of q begin on a page.
  const bool packed = cols % kPack == 0 && call.in("x").byte_offset() % (kPack * 2) == 0;
  if (cols <= kPolicy.longest_short_row) {
    launch_short_rows(gpu, call, packed);
  } else {
    launch_long_rows(gpu, call, packed);
  }
}

}  // namespace

extern const KernelRecord quantize_f16_to_i8;
const KernelRecord quantize_f16_to_i8 = {
    .id = "QUANTIZE_F16_TO_I8",
    .metal_function = "quantize_f16_to_i8",
    .domain = "Quantization",
    .summary = "f16 rows to i8 with one scale for each row",
    .formula =
        "scale = max|x| / 127 of the row; q = the integer nearest to the exact 127 x / "
        "max|x|, ties to even, within -127..127. A row of zeros: scale 0, q 0. A row with "
        "NaN or an infinity: scale NaN, q 0",
    .source =
        "Jacob et al., Quantization and Training of Neural Networks for Efficient "
        "Integer-Arithmetic-Only Inference, arXiv 1712.05877, with zero point 0",
    .inputs = {{.name = "x", .dtypes = "f16", .shape = "[rows, cols]", .summary = "values"}},
    .params = {},
    .outputs = {{.name = "q", .dtypes = "i8", .shape = "[rows, cols]", .summary = "integers"},
                {.name = "scale", .dtypes = "f32", .shape = "[rows]", .summary = "of each row"}},
    .infer = nullptr,
    .cost = [](const Call& call) { return streaming_cost(call, 3); },
    .sample =
        [](int64_t elements) {
          return Sample{{{"x", DType::kF16, {std::max<int64_t>(1, elements / 128), 128}}}, {}};
        },
    .launch = launch,
    .cpu = quantize_f16_to_i8_cpu,
    .legacy_gflops = 600,
};

}  // namespace kernels

QuantizedRows quantize_f16_to_i8(const Tensor& x) {
  const Results results = run(kernels::quantize_f16_to_i8, {{"x", x}});
  return {results["q"], results["scale"]};
}

}  // namespace ingot
