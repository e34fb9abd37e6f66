#include "kernels/common/scan.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "fmt/format.h"

#include "runtime/tuning.hpp"

namespace ingot::kernels {
namespace {

// As in kernels/scans/scan_kernels.h.
struct ScanShape {
  uint32_t n, segment, segments, inner;
};
struct ScanTiles {
  uint32_t n, tiles, lines;
};
constexpr uint32_t kTileBytesPerThread = 128;

struct ScanPolicy {
  // Threads of a threadgroup of the single pass; 0 where one threadgroup must not wait for another.
  uint32_t single_pass_group = 0;
  uint32_t group_size = 256;
  // Threadgroups, or for columns threads, that keep a large GPU busy: lines are cut into segments
  // until there are as many.
  uint64_t groups = 1024;
  uint64_t columns = 65536;
  // A segment is worth a threadgroup's start: one tile of a full group. A column's rows are few
  // enough to keep f32 sums exact to a few roundings.
  uint64_t least_segment = 4096;
  uint64_t least_rows = 64;
  uint64_t most_rows = 4096;
  // Below this length a thread a line wastes less than a SIMD-group a line.
  int64_t short_line = 16;
};
constexpr ScanPolicy kSafe;
constexpr std::array kTuned = {
    Tuned<ScanPolicy>{"sm_90",
                      {.single_pass_group = 512},
                      "H200, 2026-11-20, 2^28 f32: 0.61 ms in one pass (256 threads 0.62, 1024 "
                      "0.63) beside 0.99 ms in two"},
};

// Elements of a segment, so that `lines` lines of n make the wanted number of segments.
uint64_t segment_length(const ScanPolicy& policy, const ScanView& view, bool columns) {
  const auto n = static_cast<uint64_t>(view.n);
  const auto lines = static_cast<uint64_t>(view.outer * view.inner);
  if (columns) {
    const uint64_t segments = std::max<uint64_t>(1, policy.columns / lines);
    return std::clamp(ceil_div(n, segments), policy.least_rows, policy.most_rows);
  }
  const uint64_t segments = ceil_div(policy.groups, lines);
  return ceil_div(ceil_div(n, segments), policy.least_segment) * policy.least_segment;
}

// Two's complement sums have the same bits with and without sign.
std::string suffix_of(DType dtype) {
  return std::string(to_string(dtype == DType::kI32 ? DType::kU32 : dtype));
}

// What one scan is made of.
struct Scan {
  DType dtype;
  ScanView view;
  bool exclusive;
  Place x, y;

  std::string name() const { return exclusive ? "scan_exclusive" : "scan_inclusive"; }
  // Whether packs of four elements can be moved at once.
  bool aligned() const {
    const size_t pack = 4 * size_of(dtype);
    return (view.outer == 1 || view.n % 4 == 0) && x.byte_offset % pack == 0 &&
           y.byte_offset % pack == 0;
  }
  Dispatch kernel(GpuContext& gpu, std::string_view kind, bool has_offsets) const {
    return gpu.kernel("scans/" + name() + ".metal",
                      fmt::format("{}_{}{}", name(), kind, suffix_of(dtype)),
                      {{0, has_offsets}, {1, aligned()}});
  }
};

// One pass over lines of many tiles.
void launch_tiles(GpuContext& gpu, const Scan& scan, uint32_t wanted_group) {
  const uint32_t group = scan.kernel(gpu, "tiles_", false).group_size(wanted_group);
  const auto lines = static_cast<uint64_t>(scan.view.outer);
  const uint64_t tiles = ceil_div(static_cast<uint64_t>(scan.view.n),
                                  uint64_t{group} * kTileBytesPerThread / size_of(scan.dtype));
  const uint64_t values = lines * (tiles + ceil_div(tiles, group));  // sums, and those at anchors
  const uint64_t words = 1 + values * (size_of(scan.dtype) == sizeof(uint64_t) ? 3 : 2);
  const Buffer state = gpu.scratch(words * sizeof(uint32_t));
  Dispatch clear = gpu.kernel("scans/scan_exclusive.metal", "scan_clear");
  clear.bind(state).value(gpu.count32(words, "words of tiles"));
  clear.threads({words}, {clear.group_size(256)});

  Dispatch tile = scan.kernel(gpu, "tiles_", false);
  tile.bind(scan.x.buffer, scan.x.byte_offset).bind(scan.y.buffer, scan.y.byte_offset);
  tile.value(ScanTiles{gpu.count32(scan.view.n, "elements of a line"),
                       static_cast<uint32_t>(tiles),
                       gpu.count32(lines, "lines")});
  tile.bind(state).threadgroups({lines * tiles}, {group});
}

// Segments of lines, their sums first where a line has several.
void launch_segments(
    GpuContext& gpu, const Scan& scan, const ScanPolicy& policy, uint64_t segment, bool columns) {
  const ScanView& view = scan.view;
  const uint64_t segments = ceil_div(static_cast<uint64_t>(view.n), segment);
  const auto lines = static_cast<uint64_t>(view.outer * view.inner);
  const ScanShape shape{gpu.count32(view.n, "elements of a line"),
                        static_cast<uint32_t>(segment),
                        static_cast<uint32_t>(segments),
                        gpu.count32(view.inner, "neighbouring lines")};
  gpu.count32(lines * segments, "segments of lines");
  const uint32_t wanted_group = static_cast<uint32_t>(
      std::min<uint64_t>(policy.group_size, ceil_div(segment, 32 * kScanElementsPerThread) * 32));
  const auto put = [&](Dispatch& dispatch, bool shrink) {
    const uint32_t group = dispatch.group_size(shrink ? wanted_group : policy.group_size);
    if (columns) {
      dispatch.threads({lines * segments}, {group});
    } else {
      dispatch.threadgroups({lines * segments}, {group});
    }
  };

  Buffer offsets;
  if (segments > 1) {
    const Buffer sums = gpu.scratch(lines * segments * size_of(scan.dtype));
    offsets = gpu.scratch(lines * segments * size_of(scan.dtype));
    Dispatch reduce =
        gpu.kernel("scans/scan_exclusive.metal",
                   (columns ? "scan_column_sums_" : "scan_sums_") + suffix_of(scan.dtype));
    reduce.bind(scan.x.buffer, scan.x.byte_offset).bind(sums).value(shape);
    put(reduce, false);
    const ScanView of_sums{view.outer, static_cast<int64_t>(segments), view.inner};
    launch_scan(gpu, scan.dtype, of_sums, true, {sums}, {offsets});
  }
  Dispatch last = scan.kernel(gpu, columns ? "columns_" : "", segments > 1);
  last.bind(scan.x.buffer, scan.x.byte_offset).bind(scan.y.buffer, scan.y.byte_offset).value(shape);
  if (segments > 1) {
    last.bind(offsets);
  } else {
    last.skip();
  }
  put(last, !columns);
}

}  // namespace

ScanView scan_view(const Call& call) {
  const Shape& shape = call.in("x").shape();
  const int axis = shape.normalize_axis(call.integer("axis"));
  ScanView view{1, shape[axis], 1};
  for (int i = 0; i < shape.rank(); ++i) {
    (i < axis ? view.outer : view.inner) *= i == axis ? 1 : shape[i];
  }
  return view;
}

void launch_scan(
    GpuContext& gpu, DType dtype, const ScanView& view, bool exclusive, Place x, Place y) {
  if (view.elements() == 0) {
    return;
  }
  const ScanPolicy& policy = policy_for(gpu.info(), kTuned, kSafe);
  const Scan scan{dtype, view, exclusive, x, y};
  const bool columns = view.inner > 1 || view.n < policy.short_line;
  const uint64_t segment = segment_length(policy, view, columns);
  if (!columns && policy.single_pass_group != 0 && static_cast<uint64_t>(view.n) > segment) {
    launch_tiles(gpu, scan, policy.single_pass_group);
  } else {
    launch_segments(gpu, scan, policy, segment, columns);
  }
}

void launch_scan(GpuContext& gpu, const Call& call, bool exclusive) {
  const Tensor& x = call.in("x");
  const Tensor& y = call.out("y");
  launch_scan(gpu,
              x.dtype(),
              scan_view(call),
              exclusive,
              {x.buffer(), x.byte_offset()},
              {y.buffer(), y.byte_offset()});
}

}  // namespace ingot::kernels
