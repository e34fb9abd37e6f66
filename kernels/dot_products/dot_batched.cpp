#include "kernels/dot_products/dot_batched.hpp"

#include <algorithm>
#include <bit>

#include "fmt/format.h"

#include "backends/cpu/gemm.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void dot_batched_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr const char* kShader = "dot_products/dot_batched.metal";
constexpr uint32_t kTile = 64;          // as in dot_batched.metal
constexpr uint32_t kTileThreads = 256;  // as in dot_batched.metal

[[noreturn]] void reject(std::string_view argument, std::string problem, std::string remedy = {}) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("DOT_BATCHED: {}", argument),
              std::move(problem),
              std::move(remedy));
}

void infer(Call& call) {
  const bool rows = call.choice("pairs") == "rows";
  const int64_t q = call.extent("q");
  const int64_t n = call.extent("n");
  const DType dtype = call.in("a").dtype();
  if (rows && q != n) {
    reject("b",
           fmt::format("has {} rows, but a has {}", n, q),
           "pairs=rows takes as many; pairs=all gives all products");
  }
  if (rows && call.has("at_least")) {
    reject("at_least", "goes with pairs=all");
  }
  if (rows && call.has("columns")) {
    reject("columns", "goes with pairs=all");
  }
  if (call.has("at_least") && call.has("columns")) {
    reject("columns", "goes without at_least");
  }
  if (dtype == DType::kI8 && call.extent("d") > cpu::kMaxInt8Terms) {
    reject("a",
           fmt::format("rows of {} i8 elements may overflow int32", call.extent("d")),
           fmt::format("the limit is {}", cpu::kMaxInt8Terms));
  }
  const bool scaled = call.has("a_scale") || call.has("b_scale") || call.has("a_bias");
  const DType score = dtype == DType::kI8 && !scaled ? DType::kI32 : DType::kF32;
  if (call.has("columns")) {
    call.set_output("y", score, call.in("columns").shape());
  } else if (rows) {
    call.set_output("y", score, {q});
  } else {
    call.set_output("y", call.has("at_least") ? DType::kU8 : score, {q, n});
  }
}

Cost cost(const Call& call) {
  return streaming_cost(call, 2.0 * static_cast<double>(call.extent("d")));
}

// As struct Extents in dot_batched.metal.
struct Extents {
  uint32_t q, n, d, count, lanes, listed;
};

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& y = call.out("y");
  const auto count = static_cast<uint32_t>(y.elements());
  if (count == 0) {
    return;
  }
  const auto q = static_cast<uint32_t>(call.extent("q"));
  const auto n = static_cast<uint32_t>(call.extent("n"));
  const auto d = static_cast<uint32_t>(call.extent("d"));
  const bool listed = call.has("columns");
  const bool tiles = call.choice("pairs") == "all" && !listed;
  std::vector<FunctionConstant> constants = {{0, call.has("a_scale")},
                                             {1, call.has("b_scale")},
                                             {2, call.has("a_bias")},
                                             {3, tiles ? call.has("at_least") : listed}};
  Dispatch dispatch = gpu.kernel(kShader,
                                 fmt::format("dot_batched_{}_{}_{}",
                                             tiles ? "all" : "rows",
                                             to_string(call.in("a").dtype()),
                                             to_string(y.dtype())),
                                 constants);
  // A SIMD-group's lanes share rows that are long enough to give each four elements.
  const uint32_t lanes = std::min(32u, std::bit_ceil(std::max(1u, d / 4)));
  const uint32_t columns = listed ? count / q : 1;
  dispatch.bind(call.in("a")).bind(call.in("b")).bind(y);
  dispatch.value(Extents{q, n, d, count, lanes, columns});
  for (const char* name : {"a_scale", "b_scale", "a_bias", tiles ? "at_least" : "columns"}) {
    if (call.has(name)) {
      dispatch.bind(call.in(name));
    } else {
      dispatch.skip();
    }
  }
  if (tiles) {
    dispatch.threadgroups({ceil_div(n, kTile), ceil_div(q, kTile)}, {kTileThreads});
  } else {
    const uint32_t group = dispatch.group_size(256);
    dispatch.threadgroups({ceil_div(uint64_t{count} * lanes, group)}, {group});
  }
}

}  // namespace

extern const KernelRecord dot_batched;
const KernelRecord dot_batched = {
    .id = "DOT_BATCHED",
    .metal_function = "dot_batched",
    .domain = "Dot Products & Similarity",
    .summary = "dot products of rows: pair by pair, or all pairs (the score matrix)",
    .formula =
        "rows: y[i] = sum_k a[i,k] b[i,k]; all: y[i,j] = sum_k a[i,k] b[j,k]. Floats accumulate "
        "in f32 and give f32; i8 accumulates exactly in i32 and gives i32, or f32 with a scale or "
        "bias. Then y = b_scale[j] (a_scale[i] y + a_bias[i]). With at_least, y is the u8 mask of "
        "y[i,j] >= at_least[i]. With columns, y[i,s] is the result for j = columns[i,s] alone, or "
        "the least value of y's dtype where there is no such row. d = 0 gives sums of 0",
    .source = "BLAS level 3 GEMM, C = A B^T; scales and bias as in gemmlowp's dequantised output",
    .inputs =
        {{.name = "a", .dtypes = "f32 f16 bf16 i8", .shape = "[q, d]", .summary = "rows, queries"},
         {.name = "b", .dtypes = "=a", .shape = "[n, d]", .summary = "rows, database"},
         {.name = "a_scale",
          .dtypes = "f32",
          .shape = "[q]",
          .summary = "factor of each row of a",
          .optional = true},
         {.name = "b_scale",
          .dtypes = "f32",
          .shape = "[n]",
          .summary = "factor of each row of b",
          .optional = true},
         {.name = "a_bias",
          .dtypes = "f32",
          .shape = "[q]",
          .summary = "added after a_scale, before b_scale",
          .optional = true},
         {.name = "at_least",
          .dtypes = "f32",
          .shape = "[q]",
          .summary = "limit of each row of a: gives the mask of the scores that reach it",
          .optional = true},
         {.name = "columns",
          .dtypes = "u32",
          .shape = "[q, m]",
          .summary = "rows of b to take for each row of a: gives only these results",
          .optional = true}},
    .params = {{.name = "pairs",
                .type = ParamType::kChoice,
                .fallback = "rows",
                .summary = "row i with row i, or every row with every row",
                .choices = "rows all"}},
    .outputs = {{.name = "y", .dtypes = "f32 i32 u8", .shape = "", .summary = "dot products"}},
    .gpu_max_elements = kMax32BitIndex,
    .infer = infer,
    .cost = cost,
    .sample =
        [](int64_t elements) {
          const int64_t rows = std::max<int64_t>(1, elements / 1024);
          return Sample{{{"a", DType::kF32, {1024, 128}}, {"b", DType::kF32, {rows, 128}}},
                        {{"pairs", "all"}}};
        },
    .launch = launch,
    .cpu = dot_batched_cpu,
    .legacy_gflops = 520,
};

namespace {

Tensor dot(std::string_view pairs,
           const Tensor& a,
           const Tensor& b,
           const Tensor& at_least,
           const Tensor& columns,
           const DotOptions& options) {
  return run(dot_batched,
             {{"a", a},
              {"b", b},
              {"a_scale", options.a_scale},
              {"b_scale", options.b_scale},
              {"a_bias", options.a_bias},
              {"at_least", at_least},
              {"columns", columns}},
             {{"pairs", pairs}})["y"];
}

}  // namespace
}  // namespace kernels

Tensor dot_rows(const Tensor& a, const Tensor& b, const DotOptions& options) {
  return kernels::dot("rows", a, b, {}, {}, options);
}

Tensor dot_all(const Tensor& a, const Tensor& b, const DotOptions& options) {
  return kernels::dot("all", a, b, {}, {}, options);
}

Tensor dot_at_least(const Tensor& a,
                    const Tensor& b,
                    const Tensor& at_least,
                    const DotOptions& options) {
  return kernels::dot("all", a, b, at_least, {}, options);
}

Tensor dot_at(const Tensor& a, const Tensor& b, const Tensor& columns, const DotOptions& options) {
  return kernels::dot("all", a, b, {}, columns, options);
}

}  // namespace ingot
