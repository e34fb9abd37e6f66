#include "kernels/common/reduction.hpp"

#include <algorithm>
#include <bit>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot::kernels {
namespace {

// How work is cut: enough threadgroups to fill a large GPU, enough work for each to pay for its
// launch, and short chains of additions in every thread.
struct ReductionPolicy {
  uint32_t group_size = 256;
  int64_t longest_row = 4096;     // rows up to this are read by one SIMD-group
  int64_t block = 1 << 13;        // elements of a long row for one threadgroup, at least
  int64_t most_blocks = 1 << 12;  // partial results of one row, which one threadgroup merges
  uint32_t width = 32;            // columns side by side: a SIMD-group reads 128 bytes at once
  int64_t least_per_thread = 8;   // elements of a column for one thread
  int64_t most_per_thread = 128;
  int64_t groups = 1024;  // threadgroups wanted where there is enough work
};
constexpr ReductionPolicy kPolicy;

// The arguments of the shaders, as in kernels/include/ingot/reduce.h.
struct ReduceRows {
  uint32_t rows, length, lanes, aligned;
};
struct ReduceBlocks {
  uint64_t length;
  uint32_t blocks, block_length, aligned;
};
struct ReduceColumns {
  uint64_t total;
  uint32_t columns, inner, length, blocks, block_length, width;
};

int64_t divide_up(int64_t count, int64_t size) {
  return (count + size - 1) / size;
}

// Whether the shader may read four elements at once.
bool rows_aligned(const Tensor& x, const ReductionView& view) {
  return (view.outer == 1 || view.length % 4 == 0) &&
         x.byte_offset() % (4 * size_of(x.dtype())) == 0;
}

void launch_rows(GpuContext& gpu,
                 const ReductionShader& shader,
                 const ReductionView& view,
                 const Tensor& x,
                 const Buffer& y) {
  const auto quarters = static_cast<uint64_t>(divide_up(view.length, 4));
  const auto lanes = static_cast<uint32_t>(std::clamp<uint64_t>(std::bit_ceil(quarters), 1, 32));
  Dispatch dispatch = gpu.kernel(shader.file, shader.function);
  const uint32_t group = dispatch.group_size(kPolicy.group_size);
  dispatch.bind(x).bind(y).value(ReduceRows{gpu.count32(view.outer, "rows"),
                                            gpu.count32(view.length, "elements of a row"),
                                            lanes,
                                            rows_aligned(x, view)});
  dispatch.threadgroups({ceil_div(static_cast<uint64_t>(view.outer), group / lanes)}, {group});
}

// One dispatch of reduce_columns that cuts each column into `blocks`.
void dispatch_columns(GpuContext& gpu,
                      const ReductionShader& shader,
                      std::string_view suffix,
                      const ReductionView& view,
                      int64_t blocks,
                      int64_t total,
                      uint32_t width,
                      const auto& bind) {
  Dispatch dispatch = gpu.kernel(shader.file, shader.function + std::string(suffix));
  const uint32_t group = std::bit_floor(dispatch.group_size(kPolicy.group_size));
  width = std::min(width, group);
  bind(dispatch);
  dispatch.value(ReduceColumns{static_cast<uint64_t>(total),
                               gpu.count32(view.outputs(), "results"),
                               gpu.count32(view.inner, "columns"),
                               gpu.count32(view.length, "elements of a column"),
                               gpu.count32(blocks, "blocks"),
                               gpu.count32(divide_up(view.length, blocks), "elements of a block"),
                               width});
  const uint64_t tiles = ceil_div(static_cast<uint64_t>(view.outputs()), width);
  dispatch.threadgroups({tiles * static_cast<uint64_t>(blocks)}, {group});
}

// Columns that one threadgroup handles: wide enough for coalesced reads, and no more threads to a
// column than it has elements.
uint32_t column_width(const ReductionView& view) {
  const auto inner = std::bit_ceil(static_cast<uint64_t>(view.inner));
  const auto rows = std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(1, view.length)));
  const uint64_t wanted = std::min<uint64_t>(inner, kPolicy.width);
  const uint64_t least = kPolicy.group_size / std::min<uint64_t>(rows, kPolicy.group_size);
  return static_cast<uint32_t>(std::max(wanted, least));
}

void merge_partials(GpuContext& gpu,
                    const ReductionShader& shader,
                    const ReductionView& view,
                    int64_t blocks,
                    const Buffer& partials,
                    const Buffer& y) {
  const ReductionView merged{view.outer, blocks, view.inner};
  dispatch_columns(
      gpu, shader, "_merge", merged, 1, view.length, column_width(merged), [&](Dispatch& dispatch) {
        dispatch.bind(partials).bind(y);
      });
}

Buffer partials_for(GpuContext& gpu,
                    const ReductionShader& shader,
                    const ReductionView& view,
                    int64_t blocks) {
  return gpu.scratch(static_cast<size_t>(view.outputs() * blocks) * shader.partial_bytes);
}

void launch_long_rows(GpuContext& gpu,
                      const ReductionShader& shader,
                      const ReductionView& view,
                      const Tensor& x,
                      const Buffer& y) {
  const int64_t wanted =
      std::clamp<int64_t>(divide_up(view.length, kPolicy.block), 1, kPolicy.most_blocks);
  const int64_t block = divide_up(divide_up(view.length, wanted), 4) * 4;  // keeps the alignment
  const int64_t blocks = divide_up(view.length, block);
  const Buffer partials = partials_for(gpu, shader, view, blocks);
  Dispatch dispatch = gpu.kernel(shader.file, shader.function + "_blocks");
  dispatch.bind(x).bind(partials).value(ReduceBlocks{static_cast<uint64_t>(view.length),
                                                     gpu.count32(blocks, "blocks"),
                                                     gpu.count32(block, "elements of a block"),
                                                     rows_aligned(x, view)});
  dispatch.threadgroups({static_cast<uint64_t>(view.outer * blocks)},
                        {dispatch.group_size(kPolicy.group_size)});
  merge_partials(gpu, shader, view, blocks, partials, y);
}

void launch_columns(GpuContext& gpu,
                    const ReductionShader& shader,
                    const ReductionView& view,
                    const Tensor& x,
                    const Buffer& y) {
  const uint32_t width = column_width(view);
  const int64_t rows = kPolicy.group_size / width;
  const int64_t least = divide_up(view.length, rows * kPolicy.most_per_thread);
  const int64_t most = std::max<int64_t>(1, view.length / (rows * kPolicy.least_per_thread));
  const int64_t filling = divide_up(kPolicy.groups, divide_up(view.outputs(), width));
  const int64_t wanted = std::max(least, std::min(filling, most));
  // No block may begin behind the end of its column.
  const int64_t blocks = divide_up(view.length, divide_up(view.length, wanted));
  if (blocks == 1) {
    dispatch_columns(gpu, shader, "_columns", view, 1, view.length, width, [&](Dispatch& dispatch) {
      dispatch.bind(x).bind(y);
    });
    return;
  }
  const Buffer partials = partials_for(gpu, shader, view, blocks);
  dispatch_columns(
      gpu, shader, "_column_blocks", view, blocks, view.length, width, [&](Dispatch& dispatch) {
        dispatch.bind(x).bind(partials);
      });
  merge_partials(gpu, shader, view, blocks, partials, y);
}

std::optional<int64_t> axis_of(const Call& call) {
  return call.has_param("axis") ? std::optional(call.integer("axis")) : std::nullopt;
}

}  // namespace

ReductionView reduction_view(const Shape& shape, std::optional<int64_t> axis) {
  ReductionView view{1, shape.elements(), 1};
  if (axis) {
    const int reduced = shape.normalize_axis(*axis);
    view.length = shape[reduced];
    for (int i = 0; i < shape.rank(); ++i) {
      (i < reduced ? view.outer : view.inner) *= i == reduced ? 1 : shape[i];
    }
  }
  return view;
}

ReductionView reduction_view(const Call& call) {
  return reduction_view(call.in("x").shape(), axis_of(call));
}

std::vector<NamedValue> reduction_params(const ReductionOptions& options) {
  return options.axis ? std::vector<NamedValue>{{"axis", *options.axis}}
                      : std::vector<NamedValue>{};
}

Shape reduced_shape(const Call& call) {
  const Shape& shape = call.in("x").shape();
  const auto axis = axis_of(call);
  return axis ? shape.without(shape.normalize_axis(*axis)) : Shape{};
}

void require_elements(const Call& call) {
  const ReductionView view = reduction_view(call);
  if (view.length == 0 && view.outputs() > 0) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: x", call.record().id),
                fmt::format("shape {} has no elements to reduce", to_string(call.in("x").shape())),
                "give at least one element along the reduced axis");
  }
}

Cost reduction_cost(const Call& call) {
  Cost cost = streaming_cost(call, 0);
  cost.flops = static_cast<double>(call.in("x").elements());
  return cost;
}

void launch_reduction(GpuContext& gpu,
                      const ReductionShader& shader,
                      const ReductionView& view,
                      const Tensor& x,
                      const Buffer& y) {
  if (view.outputs() == 0) {
    return;
  }
  if (view.inner == 1 && view.length > kPolicy.longest_row) {
    launch_long_rows(gpu, shader, view, x, y);
  } else if (view.inner == 1 || view.length == 0) {
    launch_rows(gpu, shader, {view.outputs(), view.length, 1}, x, y);
  } else {
    launch_columns(gpu, shader, view, x, y);
  }
}

}  // namespace ingot::kernels
