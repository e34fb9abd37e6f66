#include "kernels/dot_products/dot_batched.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "fmt/format.h"

#include "backends/cpu/gemm.hpp"
#include "kernels/dot_products/dot_libraries.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void dot_batched_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr const char* kShader = "dot_products/dot_batched.metal";

// A kernel that makes the score matrix in tiles.
struct TileKernel {
  std::string_view name;
  uint32_t rows, columns;  // of a tile
  uint32_t threads;
};
constexpr TileKernel kFew = {"few", 8, 256, 256};          // few rows of a: dot_few.h
constexpr TileKernel kNarrow = {"narrow", 16, 256, 256};   // f16 and bf16: dot_matrix.h
constexpr TileKernel kMatrix = {"all", 128, 256, 512};     // as well
constexpr TileKernel kRegisters = {"all", 128, 128, 256};  // f32 and i8: dot_registers.h
constexpr size_t kWordBytes = 16;                          // as in dot_tiles.h
constexpr uint32_t kSimdWidth = 32;

struct DotPolicy {
  // Up to so many rows of a, kFew is the fastest. Milliseconds on an H200 for 2^20 rows of b with
  // 128 elements, 2026-11-20: f32, q = 32: 0.77, kRegisters 1.09; q = 64: 1.48 and 1.10. i8, q =
  // 16: 0.33 and 0.39; q = 32: 0.66 and 0.39. f16, q = 1: 0.068, kNarrow 0.081; q = 2: 0.091 and
  // 0.083.
  int64_t few_f32 = 32;
  int64_t few_i8 = 16;
  int64_t few_f16 = 1;  // and bf16
  // The same of kNarrow. q = 32: 0.16, kMatrix 0.20; q = 64: 0.28 and 0.23.
  int64_t narrow = 32;
  // SIMD-groups to have before those of a threadgroup share rows of b in kFew.
  uint64_t few_groups = 4096;
  // Tiles that a threadgroup makes with the same rows of a: while one ends, the next one's rows are
  // on their way.
  uint64_t most_run = 8;
  // Threadgroups to have before that.
  uint64_t groups = 2048;
};
constexpr DotPolicy kPolicy;

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
  if (call.has_param("room") && !call.has("at_least")) {
    reject("room", "goes with at_least");
  }
  if (call.flag("allow_tf32") && dtype != DType::kF32) {
    reject("allow_tf32",
           fmt::format("is about f32 rows; these are {}", to_string(dtype)),
           "leave it out");
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
  const bool listed = call.has_param("room");
  call.set_output("count", DType::kU64, {listed ? q : 0});
  if (listed) {
    call.set_output("y", DType::kU32, {q, call.integer("room")});
  } else if (call.has("columns")) {
    call.set_output("y", score, call.in("columns").shape());
  } else if (rows) {
    call.set_output("y", score, {q});
  } else {
    call.set_output("y", call.has("at_least") ? DType::kU8 : score, {q, n});
  }
}

Cost cost(const Call& call) {
  const double products = 2.0 * static_cast<double>(call.extent("d"));
  Cost cost = streaming_cost(call, products);
  if (call.has_param("room")) {  // of all pairs few are listed
    cost.flops =
        products * static_cast<double>(call.extent("q")) * static_cast<double>(call.extent("n"));
  }
  return cost;
}

// As in dot_tiles.h.
struct TileShape {
  uint32_t q, n, d, left_tiles, right_tiles, run, pitch;
};

// Whether all rows of both begin at multiples of so many bytes.
bool is_aligned(const Call& call, size_t bytes) {
  size_t places = 0;
  for (const char* name : {"a", "b"}) {
    const Tensor& rows = call.in(name);
    places |= static_cast<size_t>(rows.shape()[1]) * size_of(rows.dtype()) | rows.byte_offset();
  }
  return places % bytes == 0;
}

const TileKernel& tile_kernel(const Call& call) {
  const int64_t q = call.extent("q");
  switch (call.in("a").dtype()) {
    case DType::kF32:
      return q <= kPolicy.few_f32 ? kFew : kRegisters;
    case DType::kI8:
      return q <= kPolicy.few_i8 ? kFew : kRegisters;
    default:
      break;
  }
  // Where tiles are few, each a threadgroup's, kNarrow leaves most of the GPU idle.
  const bool few_tiles = call.extent("n") / kNarrow.columns < static_cast<int64_t>(kPolicy.groups);
  if (q <= (few_tiles ? kFew.rows : kPolicy.few_f16)) {
    return kFew;
  }
  return q <= kPolicy.narrow ? kNarrow : kMatrix;
}

std::vector<FunctionConstant> constants(const Call& call, bool last, bool aligned) {
  return {{0, call.has("a_scale")},
          {1, call.has("b_scale")},
          {2, call.has("a_bias")},
          {3, last},
          {4, aligned}};
}

void bind_options(Dispatch& dispatch, const Call& call, const char* last) {
  for (const char* name : {"a_scale", "b_scale", "a_bias", last}) {
    if (call.has(name)) {
      dispatch.bind(call.in(name));
    } else {
      dispatch.skip();
    }
  }
}

// Whether the SIMD-groups of a threadgroup of kFew share rows of b: where these are few, and long
// enough that each gets a part.
bool splits_rows(uint64_t n, uint64_t row_bytes) {
  constexpr uint64_t kPart = 128;  // bytes that a SIMD-group reads of a row at once
  const uint64_t simd_groups = kFew.threads / kSimdWidth;
  return n / kSimdWidth < kPolicy.few_groups && row_bytes >= simd_groups * kPart;
}

// All pairs: scores, the mask, or, as u32, its bits, `pitch` words for each row of a.
template <class Output>
void launch_tiles(GpuContext& gpu,
                  const Call& call,
                  const TileKernel& kernel,
                  DType y_dtype,
                  const Output& y,
                  uint32_t pitch) {
  const uint32_t q = gpu.count32(call.extent("q"), "rows of a");
  const uint32_t n = gpu.count32(call.extent("n"), "rows of b");
  const uint32_t d = gpu.count32(call.extent("d"), "elements of a row");
  gpu.count32(std::min<uint64_t>(std::max(q, n), kernel.columns) * d, "elements of a tile's rows");
  const uint64_t left = ceil_div(q, kernel.rows);
  const uint64_t right = ceil_div(n, kernel.columns);
  const bool runs = &kernel == &kMatrix;
  const uint64_t run =
      runs ? std::clamp<uint64_t>(left * right / kPolicy.groups, 1, kPolicy.most_run) : 1;
  std::vector<FunctionConstant> values =
      constants(call, call.has("at_least"), is_aligned(call, kWordBytes));
  const bool split = &kernel == &kFew && splits_rows(n, d * size_of(call.in("b").dtype()));
  if (&kernel == &kFew) {
    values.push_back({5, std::bit_ceil(std::min(q, kFew.rows))});
    values.push_back({6, split});
  }
  Dispatch dispatch = gpu.kernel(
      kShader,
      fmt::format(
          "dot_batched_{}_{}_{}", kernel.name, to_string(call.in("a").dtype()), to_string(y_dtype)),
      values);
  dispatch.bind(call.in("a")).bind(call.in("b")).bind(y);
  dispatch.value(TileShape{q,
                           n,
                           d,
                           static_cast<uint32_t>(left),
                           static_cast<uint32_t>(right),
                           static_cast<uint32_t>(run),
                           pitch});
  bind_options(dispatch, call, "at_least");
  const uint64_t groups = left * ceil_div(right, run);
  dispatch.threadgroups({split ? groups * (kFew.columns / kSimdWidth) : groups}, {kernel.threads});
}

void launch_list(GpuContext& gpu, const Call& call, const TileKernel& kernel) {
  const auto q = static_cast<uint64_t>(call.extent("q"));
  const uint64_t pitch =
      ceil_div(static_cast<uint64_t>(call.extent("n")), kernel.columns) * (kernel.columns / 32);
  const Tensor& columns = call.out("y");
  const Buffer bits = gpu.scratch(std::max<uint64_t>(1, q * pitch) * sizeof(uint32_t));
  if (pitch > 0) {
    launch_tiles(gpu, call, kernel, DType::kU32, bits, static_cast<uint32_t>(pitch));
  }
  Dispatch list = gpu.kernel(
      kShader, "dot_batched_list", {{0, false}, {1, false}, {2, false}, {3, false}, {4, false}});
  list.bind(bits).bind(columns).bind(call.out("count")).value(static_cast<uint32_t>(pitch));
  list.value(gpu.count32(columns.shape()[1], "columns of a row"));
  list.threadgroups({q}, {list.group_size(256)});
}

// As struct Extents in dot_batched.metal.
struct Extents {
  uint32_t q, n, d, count, lanes, listed;
};

// Pair by pair, or at listed columns.
void launch_rows(GpuContext& gpu, const Call& call) {
  const Tensor& y = call.out("y");
  const uint32_t count = gpu.count32(y.elements(), "results");
  const uint32_t q = gpu.count32(call.extent("q"), "rows of a");
  const uint32_t n = gpu.count32(call.extent("n"), "rows of b");
  const uint32_t d = gpu.count32(call.extent("d"), "elements of a row");
  const bool listed = call.has("columns");
  // A SIMD-group's lanes share rows that are long enough to give each as many elements.
  constexpr uint32_t kElements = 16;
  const uint32_t lanes = std::min(32u, std::bit_ceil(std::max(1u, d / kElements)));
  Dispatch dispatch = gpu.kernel(
      kShader,
      fmt::format("dot_batched_rows_{}_{}", to_string(call.in("a").dtype()), to_string(y.dtype())),
      constants(call, listed, is_aligned(call, 4 * size_of(call.in("a").dtype()))));
  dispatch.bind(call.in("a")).bind(call.in("b")).bind(y);
  dispatch.value(Extents{q, n, d, count, lanes, listed ? count / q : 1});
  bind_options(dispatch, call, "columns");
  const uint32_t group = dispatch.group_size(256);
  dispatch.threadgroups({ceil_div(uint64_t{count} * lanes, group)}, {group});
}

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& y = call.out("y");
  const TileKernel& kernel = tile_kernel(call);
  if (call.has_param("room")) {
    if (call.extent("q") > 0) {
      launch_list(gpu, call, kernel);
    }
  } else if (y.elements() == 0) {
    return;
  } else if (call.choice("pairs") == "rows" || call.has("columns")) {
    launch_rows(gpu, call);
  } else if (const DotServer server = dot_server(gpu.device(), call); server.library != nullptr) {
    gpu.multiply(*server.library, server.product);
  } else {
    launch_tiles(gpu, call, kernel, y.dtype(), y, 0);
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
        "y[i,j] >= at_least[i]; with room, too, the first `room` columns j of each row of the mask "
        "that "
        "are 1, ascending, filled up with 2^32 - 1, and count = how many there are. With columns, "
        "y[i,s] is the result for j = columns[i,s] alone, or "
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
                .choices = "rows all"},
               {.name = "room",
                .type = ParamType::kInteger,
                .fallback = "none",
                .summary = "with at_least: columns of a row that are listed in place of the mask",
                .least = 0},
               {.name = "allow_tf32",
                .type = ParamType::kFlag,
                .fallback = "false",
                .summary = "f32 rows may be rounded to TF32 (10 bits after the binary point) by "
                           "a library that is faster with it"}},
    .outputs = {{.name = "y", .dtypes = "f32 i32 u8 u32", .shape = "", .summary = "dot products"},
                {.name = "count",
                 .dtypes = "u64",
                 .shape = "",
                 .summary = "with room: how many of a row reach the limit; else empty"}},
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
    .served_by = dot_served_by,
    .legacy_gflops = 520,
};

namespace {

Results dot(std::string_view pairs,
            const Tensor& a,
            const Tensor& b,
            const Tensor& at_least,
            const Tensor& columns,
            const DotOptions& options,
            std::vector<NamedValue> params = {}) {
  params.push_back({"pairs", pairs});
  params.push_back({"allow_tf32", options.allow_tf32});
  return run(dot_batched,
             {{"a", a},
              {"b", b},
              {"a_scale", options.a_scale},
              {"b_scale", options.b_scale},
              {"a_bias", options.a_bias},
              {"at_least", at_least},
              {"columns", columns}},
             params);
}

}  // namespace
}  // namespace kernels

Tensor dot_rows(const Tensor& a, const Tensor& b, const DotOptions& options) {
  return kernels::dot("rows", a, b, {}, {}, options)["y"];
}

Tensor dot_all(const Tensor& a, const Tensor& b, const DotOptions& options) {
  return kernels::dot("all", a, b, {}, {}, options)["y"];
}

Tensor dot_at_least(const Tensor& a,
                    const Tensor& b,
                    const Tensor& at_least,
                    const DotOptions& options) {
  return kernels::dot("all", a, b, at_least, {}, options)["y"];
}

DotColumns dot_columns_at_least(const Tensor& a,
                                const Tensor& b,
                                const Tensor& at_least,
                                int64_t room,
                                const DotOptions& options) {
  const Results results = kernels::dot("all", a, b, at_least, {}, options, {{"room", room}});
  return {results["y"], results["count"]};
}

Tensor dot_at(const Tensor& a, const Tensor& b, const Tensor& columns, const DotOptions& options) {
  return kernels::dot("all", a, b, {}, columns, options)["y"];
}

}  // namespace ingot
