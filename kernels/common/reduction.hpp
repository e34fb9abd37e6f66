// What the reductions share on the host: shapes, the `axis` parameter, and GPU launches. The
// shaders' side is kernels/include/ingot/reduce.h, the CPU's kernels/common/reduction-inl.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/reduction.hpp"

#include "runtime/call.hpp"
#include "runtime/context.hpp"

namespace ingot::kernels {

/// A tensor seen as [outer, length, inner], of which `length` is reduced.
struct ReductionView {
  int64_t outer, length, inner;
  int64_t outputs() const { return outer * inner; }
};

/// `shape` along `axis`; all of it when there is none. Throws Error(kInvalidArgument).
ReductionView reduction_view(const Shape& shape, std::optional<int64_t> axis);

/// Input "x" of a call along its parameter "axis".
ReductionView reduction_view(const Call& call);

/// The declaration of "axis" for records.
inline constexpr ParamSpec kAxisParam = {
    .name = "axis",
    .type = ParamType::kInteger,
    .fallback = "none",
    .summary = "dimension to reduce, negative from the end; none: all elements"};

/// `options` as parameters of a call.
std::vector<NamedValue> reduction_params(const ReductionOptions& options);

/// Shape of a reduction's result: x without its axis, a scalar without an axis.
Shape reduced_shape(const Call& call);

/// For `infer` of operations that have no value for nothing. Throws Error(kInvalidArgument) when
/// results are wanted of no elements.
void require_elements(const Call& call);

/// For `cost`: one operation per element of x, every byte once.
Cost reduction_cost(const Call& call);

/// The entry points of one operator, as INGOT_REDUCTION names them.
struct ReductionShader {
  std::string_view file;  // "reductions/reduce_sum.metal"
  std::string function;   // "reduce_sum_f32"
  size_t partial_bytes;   // sizeof(Operator::Partial)
};

/// Reduces `x` along `view` into `y`, of view.outputs() elements. One pass, or two where a result
/// has more elements than one threadgroup should read.
void launch_reduction(GpuContext& gpu,
                      const ReductionShader& shader,
                      const ReductionView& view,
                      const Tensor& x,
                      const Buffer& y);

}  // namespace ingot::kernels
