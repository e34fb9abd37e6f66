#include "kernels/common/scan.hpp"

#include <algorithm>
#include <string>

namespace ingot::kernels {
namespace {

// As in kernels/scans/scan_kernels.h.
struct ScanShape {
  uint32_t n, segment, segments, inner;
};

struct ScanPolicy {
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
constexpr ScanPolicy kPolicy;

// Elements of a segment, so that `lines` lines of n make the wanted number of segments.
uint64_t segment_length(const ScanView& view, bool columns) {
  const auto n = static_cast<uint64_t>(view.n);
  const auto lines = static_cast<uint64_t>(view.outer * view.inner);
  if (columns) {
    const uint64_t segments = std::max<uint64_t>(1, kPolicy.columns / lines);
    return std::clamp(ceil_div(n, segments), kPolicy.least_rows, kPolicy.most_rows);
  }
  const uint64_t segments = ceil_div(kPolicy.groups, lines);
  return ceil_div(ceil_div(n, segments), kPolicy.least_segment) * kPolicy.least_segment;
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
  const bool columns = view.inner > 1 || view.n < kPolicy.short_line;
  const uint64_t segment = segment_length(view, columns);
  const uint64_t segments = ceil_div(static_cast<uint64_t>(view.n), segment);
  const auto lines = static_cast<uint64_t>(view.outer * view.inner);
  const ScanShape shape{static_cast<uint32_t>(view.n),
                        static_cast<uint32_t>(segment),
                        static_cast<uint32_t>(segments),
                        static_cast<uint32_t>(view.inner)};
  // Two's complement sums have the same bits with and without sign.
  const std::string suffix(to_string(dtype == DType::kI32 ? DType::kU32 : dtype));
  const uint32_t wanted_group = static_cast<uint32_t>(
      std::min<uint64_t>(kPolicy.group_size, ceil_div(segment, 32 * kScanElementsPerThread) * 32));
  const auto put = [&](Dispatch& dispatch, bool shrink) {
    const uint32_t group = dispatch.group_size(shrink ? wanted_group : kPolicy.group_size);
    if (columns) {
      dispatch.threads({lines * segments}, {group});
    } else {
      dispatch.threadgroups({lines * segments}, {group});
    }
  };

  Buffer offsets;
  if (segments > 1) {
    const Buffer sums = gpu.scratch(lines * segments * size_of(dtype));
    offsets = gpu.scratch(lines * segments * size_of(dtype));
    Dispatch reduce = gpu.kernel("scans/scan_exclusive.metal",
                                 (columns ? "scan_column_sums_" : "scan_sums_") + suffix);
    reduce.bind(x.buffer, x.byte_offset).bind(sums).value(shape);
    put(reduce, false);
    const ScanView of_sums{view.outer, static_cast<int64_t>(segments), view.inner};
    launch_scan(gpu, dtype, of_sums, true, {sums}, {offsets});
  }

  const std::string name = exclusive ? "scan_exclusive" : "scan_inclusive";
  Dispatch scan = gpu.kernel("scans/" + name + ".metal",
                             name + (columns ? "_columns_" : "_") + suffix,
                             {{0, segments > 1}});
  scan.bind(x.buffer, x.byte_offset).bind(y.buffer, y.byte_offset).value(shape);
  if (segments > 1) {
    scan.bind(offsets);
  } else {
    scan.skip();
  }
  put(scan, !columns);
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
