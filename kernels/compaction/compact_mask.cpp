#include "kernels/compaction/compact_mask.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "kernels/common/scan.hpp"
#include "runtime/run.hpp"
#include "runtime/tuning.hpp"

namespace ingot {
namespace kernels {

void compact_mask_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr const char* kShader = "compaction/compact_mask.metal";

// As in compact_mask.metal.
struct CompactShape {
  uint32_t n, segment;
};

// As in compact_mask.metal.
constexpr uint32_t kGroup = 256;
constexpr uint64_t kTile = uint64_t{kGroup} * kScanElementsPerThread;
constexpr size_t kMaskPack = 16;
constexpr uint64_t kMostThreads = uint64_t{1} << 31;  // of a dispatch that copies rows

struct CompactPolicy {
  // Threadgroups that keep a large GPU busy, unless each would have less than one tile.
  uint64_t groups = 1024;
};
constexpr CompactPolicy kSafe;
constexpr std::array kTuned = {Tuned<CompactPolicy>{
    "sm_90",
    {.groups = 65536},
    "H200, 2026-11-20, 2^28 f32, half kept: 0.67 ms; 16384: 0.70, 4096: 0.71, 1024: 0.91 ms"}};

size_t row_bytes(const Tensor& x) {
  return static_cast<size_t>(x.shape().without(0).elements()) * size_of(x.dtype());
}

// The widest machine word in which rows of x and y can be copied; 8 for empty rows.
size_t word_bytes(const Tensor& x, const Tensor& y) {
  const size_t multiple = row_bytes(x) | x.byte_offset() | y.byte_offset();
  return multiple == 0 ? 8 : std::min<size_t>(8, multiple & -multiple);
}

void check_lengths(Call& call) {
  const Tensor& x = call.in("x");
  const int64_t n = call.extent("n");
  if (!call.has("x")) {
    call.set_output("y",
                    DType::kU32,
                    call.batch_shape().append(call.has_param("room") ? call.integer("room") : n));
    return;
  }
  if (call.has_param("room")) {
    throw Error(ErrorCode::kInvalidArgument,
                "COMPACT_MASK: room",
                "goes without x",
                "the values kept of x always have room");
  }
  if (call.batch_shape().rank() > 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "COMPACT_MASK: mask",
                "has shape " + to_string(call.in("mask").shape()) + ", but x is given",
                "values are compacted by a mask of one dimension");
  }
  if (x.shape().rank() == 0 || x.shape()[0] != n) {
    throw Error(ErrorCode::kInvalidArgument,
                "COMPACT_MASK: mask",
                "has " + std::to_string(n) + " elements, but x has shape " + to_string(x.shape()),
                "give one mask element for each row of x");
  }
  call.set_output("y", x.dtype(), x.shape());
}

// Rows of `words` words, as many at a time as a dispatch has threads for.
void copy_rows(
    GpuContext& gpu, const Call& call, const Buffer& indices, uint64_t words, size_t word_bytes) {
  const auto rows = static_cast<uint64_t>(call.extent("n"));
  const uint64_t at_once = std::max<uint64_t>(1, kMostThreads / words);
  for (uint64_t first = 0; first < rows; first += at_once) {
    Dispatch copy = gpu.kernel(kShader, "compact_mask_rows_" + std::to_string(word_bytes));
    copy.bind(call.in("x")).bind(indices).bind(call.out("count")).bind(call.out("y"));
    copy.value(gpu.count32(words, "words of a row")).value(static_cast<uint32_t>(first));
    copy.threads({std::min(at_once, rows - first) * words}, {copy.group_size(kGroup)});
  }
}

void launch_columns(GpuContext& gpu, const Call& call) {
  const auto rows = static_cast<uint64_t>(call.batch());
  if (rows == 0) {
    return;
  }
  const Tensor& columns = call.out("y");
  const uint32_t n = gpu.count32(call.extent("n"), "elements of a row");
  const bool aligned = n % kMaskPack == 0 && call.in("mask").byte_offset() % kMaskPack == 0;
  Dispatch dispatch = gpu.kernel(kShader, "compact_mask_columns", {{0, false}, {1, aligned}});
  dispatch.bind(call.in("mask")).bind(columns).bind(call.out("count")).value(CompactShape{n, n});
  dispatch.value(gpu.count32(columns.shape()[-1], "columns of a row"));
  dispatch.threadgroups({rows}, {dispatch.group_size(kGroup)});
}

void launch(GpuContext& gpu, const Call& call) {
  if (!call.has("x")) {
    launch_columns(gpu, call);
    return;
  }
  const Tensor& x = call.in("x");
  const Tensor& y = call.out("y");
  const Tensor& mask = call.in("mask");
  const Tensor& count = call.out("count");
  const auto n = static_cast<uint64_t>(mask.elements());
  const uint64_t segment =
      std::max<uint64_t>(
          1, ceil_div(ceil_div(n, policy_for(gpu.info(), kTuned, kSafe).groups), kTile)) *
      kTile;
  const uint64_t segments = std::max<uint64_t>(1, ceil_div(n, segment));
  const CompactShape shape{gpu.count32(n, "elements of the mask"),
                           gpu.count32(segment, "elements of a segment")};

  const std::vector<FunctionConstant> constants = {{0, segments > 1},
                                                   {1, mask.byte_offset() % kMaskPack == 0}};

  Buffer offsets;
  if (segments > 1) {
    const Buffer counts = gpu.scratch(segments * sizeof(uint32_t));
    offsets = gpu.scratch(segments * sizeof(uint32_t));
    Dispatch counting = gpu.kernel(kShader, "compact_mask_count", constants);
    counting.bind(mask).bind(counts).value(shape);
    counting.threadgroups({segments}, {counting.group_size(kGroup)});
    launch_scan(
        gpu, DType::kU32, {1, static_cast<int64_t>(segments), 1}, true, {counts}, {offsets});
  }
  const auto put = [&](Dispatch& writing) {
    writing.bind(count).value(shape);
    if (segments > 1) {
      writing.bind(offsets);
    } else {
      writing.skip();
    }
    writing.threadgroups({segments}, {writing.group_size(kGroup)});
  };

  const size_t row = row_bytes(x);
  const size_t word = word_bytes(x, y);
  if (row == word) {
    Dispatch elements = gpu.kernel(kShader, "compact_mask_" + std::to_string(word), constants);
    elements.bind(x).bind(mask).bind(y);
    put(elements);
    return;
  }
  const Buffer indices = gpu.scratch(std::max<uint64_t>(1, n) * sizeof(uint32_t));
  Dispatch find = gpu.kernel(kShader, "compact_mask_indices", constants);
  find.bind(mask).bind(indices);
  put(find);
  if (x.bytes() > 0) {
    copy_rows(gpu, call, indices, row / word, word);
  }
}

}  // namespace

extern const KernelRecord compact_mask;
const KernelRecord compact_mask = {
    .id = "COMPACT_MASK",
    .metal_function = "compact_mask",
    .domain = "Compaction",
    .summary = "keeps the elements, or rows, of x where a mask is not 0",
    .formula =
        "y = the x[i] with mask[i] != 0, in order; count = how many. x of more than one "
        "dimension is compacted by rows x[i, ...]. Values are moved, never changed. Without x: for "
        "each row of the mask the first `room` columns that it keeps, as u32, filled up with "
        "2^32 - 1; count = how many it keeps",
    .source = "G. Blelloch, Prefix Sums and Their Applications, 1990; NumPy x[mask]",
    .inputs =
        {{.name = "x",
          .dtypes = "f32 f16 bf16 i32 u32 i64 u64 i8 u8 bool",
          .shape = "",
          .summary = "values, [n] or [n, ...]; without: the mask's columns",
          .optional = true},
         {.name = "mask", .dtypes = "u8 bool", .shape = "[..., n]", .summary = "not 0: keep x[i]"}},
    .params = {{.name = "room",
                .type = ParamType::kInteger,
                .fallback = "none",
                .summary = "without x: most columns of a row that are returned; n when absent",
                .least = 0}},
    .outputs =
        {{.name = "y",
          .dtypes = "f32 f16 bf16 i32 u32 i64 u64 i8 u8 bool",
          .shape = "",
          .summary = "values kept",
          .count_in = "count"},
         {.name = "count", .dtypes = "u64", .shape = "[...]", .summary = "how many are kept"}},
    .infer = check_lengths,
    .cost = [](const Call& call) { return streaming_cost(call, 0); },
    .sample =
        [](int64_t elements) {
          return Sample{{{"x", DType::kF32, {elements}}, {"mask", DType::kU8, {elements}}}, {}};
        },
    .launch = launch,
    .cpu = compact_mask_cpu,
    .legacy_gflops = 300,
};

}  // namespace kernels

Compacted compact(const Tensor& x, const Tensor& mask) {
  const Results results = run(kernels::compact_mask, {{"x", x}, {"mask", mask}});
  return {results["y"], results["count"]};
}

CompactedColumns compact_columns(const Tensor& mask, int64_t room) {
  const Results results = run(kernels::compact_mask, {{"mask", mask}}, {{"room", room}});
  return {results["y"], results["count"]};
}

}  // namespace ingot
