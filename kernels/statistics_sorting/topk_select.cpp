#include "kernels/statistics_sorting/topk_select.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/context.hpp"
#include "runtime/run.hpp"
#include "runtime/tuning.hpp"

namespace ingot {
namespace kernels {

void topk_select_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr const char* kShader = "statistics_sorting/topk_select.metal";

// The structs and constants as in topk_select.metal.
struct SelectShape {
  uint32_t n, segment, segments, k, capacity, loads, lists, invert;
};
struct SortShape {
  uint32_t n, padded, first_row, invert;
};
struct WriteShape {
  uint32_t n, k, stride, first_row;
};
constexpr uint64_t kSortTile = 2048;

constexpr uint32_t kGroup = 256;
// Merging has few threadgroups, so each gets more threads.
constexpr uint32_t kMergeGroup = 1024;
constexpr uint32_t kStep = 1024;  // elements that a threadgroup takes at once
// Up to here k and one step of 1024 pairs fit 16 KiB of threadgroup memory; above, rows are sorted.
constexpr int64_t kMostSelected = 1024;
// Pairs sorted at once: 512 MiB.
constexpr uint64_t kSortedAtOnce = 1 << 26;

struct TopkPolicy {
  // Threadgroups that keep a large GPU busy: rows are cut into segments until there are as many.
  uint64_t groups = 1024;
  // A segment is long beside the k pairs it leaves behind, and beside what starting it costs.
  uint64_t least_segment = 4096;
  uint64_t least_segment_per_k = 8;
};
constexpr TopkPolicy kSafe;
constexpr std::array kTuned = {
    Tuned<TopkPolicy>{"sm_90",
                      {.groups = 528},
                      "H200, 2026-11-20, k = 100 of 2^28 f32: 396 and 528 threadgroups 0.46 ms, "
                      "264: 0.49, 1056: 0.57"}};

struct Rows {
  uint64_t rows, n, k;
};

// What is selected from: elements, or pairs that were selected before.
struct Source {
  std::string function;
  const Buffer& buffer;
  size_t byte_offset;
  size_t element_bytes;
  bool merges() const { return element_bytes == sizeof(uint64_t); }
};

// Cuts every row of n pairs or elements into segments and selects k from each; returns the pairs of
// all rows and how many each row has.
std::pair<Buffer, uint64_t> select_once(GpuContext& gpu,
                                        const Source& from,
                                        const Rows& of,
                                        bool largest) {
  const TopkPolicy& policy = policy_for(gpu.info(), kTuned, kSafe);
  const bool aligned =
      from.byte_offset % (4 * from.element_bytes) == 0 && (of.rows == 1 || of.n % 4 == 0);
  Dispatch select = gpu.kernel(kShader, from.function, {{1, aligned}});
  const uint32_t wanted_group = from.merges() ? kMergeGroup : kGroup;
  const uint32_t loads = kStep / wanted_group;
  const uint64_t enough = ceil_div(ceil_div(of.n, loads), 32) * 32;
  const uint32_t group =
      select.group_size(static_cast<uint32_t>(std::min<uint64_t>(wanted_group, enough)));
  const uint64_t capacity = std::bit_ceil(of.k + uint64_t{group} * loads);

  // Lists that are as many as they are long tell so much at once that one threadgroup does.
  const uint64_t lists = from.merges() ? of.n / of.k : 0;
  const bool all_at_once = lists >= of.k && lists <= capacity;
  const uint64_t least = std::max(policy.least_segment, policy.least_segment_per_k * of.k);
  const uint64_t wanted = ceil_div(policy.groups, of.rows);
  const uint64_t segment =
      all_at_once ? of.n : ceil_div(std::max(least, ceil_div(of.n, wanted)), 4) * 4;
  const uint64_t segments = ceil_div(of.n, segment);
  Buffer best = gpu.scratch(of.rows * segments * of.k * sizeof(uint64_t));
  const SelectShape shape{gpu.count32(of.n, "elements of a row"),
                          static_cast<uint32_t>(segment),
                          gpu.count32(segments, "segments of a row"),
                          static_cast<uint32_t>(of.k),
                          static_cast<uint32_t>(capacity),
                          loads,
                          static_cast<uint32_t>(all_at_once ? lists : 0),
                          largest ? 0u : ~0u};
  select.bind(from.buffer, from.byte_offset).bind(best).value(shape);
  select.threadgroup_memory(capacity * sizeof(uint64_t));
  select.threadgroups({of.rows * segments}, {group});
  return {best, segments * of.k};
}

void write(GpuContext& gpu,
           const Call& call,
           const Buffer& pairs,
           uint64_t stride,
           uint64_t first_row,
           uint64_t rows) {
  const Tensor& x = call.in("x");
  const auto k = static_cast<uint64_t>(call.integer("k"));
  const bool labels = call.has("labels");
  Dispatch writing =
      gpu.kernel(kShader, "topk_write_" + std::to_string(size_of(x.dtype())), {{0, labels}});
  writing.bind(x).bind(pairs).bind(call.out("values")).bind(call.out("indices"));
  writing.value(WriteShape{gpu.count32(call.extent("n"), "elements of a row"),
                           static_cast<uint32_t>(k),
                           static_cast<uint32_t>(stride),
                           gpu.count32(first_row, "rows")});
  if (labels) {
    writing.bind(call.in("labels"));
  }
  writing.threads({gpu.count32(rows * k, "results")}, {writing.group_size(kGroup)});
}

// Sorts rows of `padded` pairs, a power of two of at least one tile.
void sort_pairs(GpuContext& gpu, const Buffer& pairs, uint64_t count, uint64_t padded) {
  const auto tiles = [&](uint64_t first_run, uint64_t last_run) {
    Dispatch tile = gpu.kernel(kShader, "topk_sort_tile");
    tile.bind(pairs).value(static_cast<uint32_t>(padded)).value(static_cast<uint32_t>(first_run));
    tile.value(static_cast<uint32_t>(last_run));
    tile.threadgroups({count / kSortTile}, {tile.group_size(kGroup)});
  };
  tiles(2, kSortTile);
  for (uint64_t run = 2 * kSortTile; run <= padded; run *= 2) {
    for (uint64_t distance = run / 2; distance >= kSortTile; distance /= 2) {
      Dispatch step = gpu.kernel(kShader, "topk_sort_step");
      step.bind(pairs).value(static_cast<uint32_t>(padded)).value(static_cast<uint32_t>(run));
      step.value(static_cast<uint32_t>(distance));
      step.threads({count / 2}, {step.group_size(kGroup)});
    }
    tiles(run, run);
  }
}

void launch_sorted(GpuContext& gpu, const Call& call, const Rows& of) {
  const Tensor& x = call.in("x");
  const uint64_t padded = std::bit_ceil(of.n);
  if (padded > uint64_t{1} << 31) {
    throw Error(ErrorCode::kUnsupported,
                "TOPK_SELECT: k",
                std::to_string(of.k) + " of a row of " + std::to_string(of.n) +
                    " elements: above k = " + std::to_string(kMostSelected) +
                    " a GPU takes rows of up to 2^31 elements",
                "split the row, or use the cpu device");
  }
  const uint64_t at_once = std::min(of.rows, std::max<uint64_t>(1, kSortedAtOnce / padded));
  const Buffer pairs = gpu.scratch(at_once * padded * sizeof(uint64_t));
  for (uint64_t row = 0; row < of.rows; row += at_once) {
    const uint64_t rows = std::min(at_once, of.rows - row);
    Dispatch fill = gpu.kernel(kShader, "topk_sort_fill_" + std::string(to_string(x.dtype())));
    fill.bind(x).bind(pairs).value(SortShape{static_cast<uint32_t>(of.n),
                                             static_cast<uint32_t>(padded),
                                             gpu.count32(row, "rows"),
                                             call.flag("largest") ? 0u : ~0u});
    fill.threads({gpu.count32(rows * padded, "pairs to sort")}, {fill.group_size(kGroup)});
    sort_pairs(gpu, pairs, rows * padded, padded);
    write(gpu, call, pairs, padded, row, rows);
  }
}

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& x = call.in("x");
  const Rows rows{static_cast<uint64_t>(call.batch()),
                  static_cast<uint64_t>(call.extent("n")),
                  static_cast<uint64_t>(call.integer("k"))};
  if (rows.rows * rows.k == 0) {
    return;
  }
  if (call.integer("k") > kMostSelected) {
    launch_sorted(gpu, call, rows);
    return;
  }
  const bool largest = call.flag("largest");
  const Source elements{"topk_select_" + std::string(to_string(x.dtype())),
                        x.buffer(),
                        x.byte_offset(),
                        size_of(x.dtype())};
  auto [best, left] = select_once(gpu, elements, rows, largest);
  while (left > rows.k) {
    const Buffer pairs = best;
    const Source selected{"topk_select_merge", pairs, 0, sizeof(uint64_t)};
    std::tie(best, left) = select_once(gpu, selected, {rows.rows, left, rows.k}, largest);
  }
  write(gpu, call, best, rows.k, 0, rows.rows);
}

void check_k(Call& call) {
  const int64_t n = call.extent("n");
  if (call.integer("k") > n || n > 0xffffffff) {
    throw Error(ErrorCode::kInvalidArgument,
                "TOPK_SELECT: k",
                "k = " + std::to_string(call.integer("k")) +
                    ", but a row of x has n = " + std::to_string(n) + " elements",
                "k may be 0 to n, and n at most 2^32 - 1");
  }
}

}  // namespace

extern const KernelRecord topk_select;
const KernelRecord topk_select = {
    .id = "TOPK_SELECT",
    .metal_function = "topk_select",
    .domain = "Advanced Statistics & Sorting",
    .summary = "the k largest or smallest values of each row, sorted, with their indices",
    .formula =
        "values[j], indices[j] = the j-th best of the row; of equal values the smaller "
        "index is better. NaN is greater than any number, -0.0 equals +0.0; values keep "
        "their bits. A GPU reads x once for k up to 1024, and sorts whole rows above",
    .source =
        "order as in PyTorch torch.topk; ties made deterministic. Bitonic network: Batcher, "
        "Sorting Networks and Their Applications, 1968",
    .inputs = {{.name = "x",
                .dtypes = "f32 f16 bf16",
                .shape = "[..., n]",
                .summary = "values; n up to 2^32 - 1"},
               {.name = "labels",
                .dtypes = "u32",
                .shape = "[..., n]",
                .summary = "names of the values, returned instead of their positions",
                .optional = true}},
    .params = {{.name = "k",
                .type = ParamType::kInteger,
                .fallback = "",
                .summary = "how many of each row",
                .least = 0},
               {.name = "largest",
                .type = ParamType::kFlag,
                .fallback = "true",
                .summary = "false: the smallest"}},
    .outputs = {{.name = "values", .dtypes = "=x", .shape = "[..., k]", .summary = "best first"},
                {.name = "indices",
                 .dtypes = "i64",
                 .shape = "[..., k]",
                 .summary = "positions in the row, or labels"}},
    .infer = check_k,
    .cost = [](const Call& call) { return streaming_cost(call, 0); },
    .sample =
        [](int64_t elements) {
          return Sample{{{"x", DType::kF32, {elements}}},
                        {{"k", std::min<int64_t>(100, elements)}}};
        },
    .launch = launch,
    .cpu = topk_select_cpu,
    .legacy_gflops = 320,
};

}  // namespace kernels

Topk topk(const Tensor& x, int64_t k, const TopkOptions& options) {
  const Results results = run(kernels::topk_select,
                              {{"x", x}, {"labels", options.labels}},
                              {{"k", k}, {"largest", options.largest}});
  return {results["values"], results["indices"]};
}

}  // namespace ingot
