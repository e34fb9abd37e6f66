// What kernels and pipelines have to do: operations, bytes and items, from their records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/dtype.hpp"
#include "ingot/shape.hpp"

#include "pipelines/pipeline.hpp"
#include "planner/workload.hpp"
#include "runtime/record.hpp"

namespace ingot::planner {

/// One call of a kernel.
struct Work {
  const KernelRecord* kernel = nullptr;
  Cost cost;
  DType dtype = DType::kF32;  // of the first input, or of the first output where there is none
  double items = 0;           // elements of the first output
  std::vector<Sample::Input> inputs;
  std::vector<NamedValue> params;
};

/// A call with these inputs and parameters. Nothing is allocated. Throws Error(kInvalidArgument) as
/// a call does.
Work work_of(const KernelRecord& record, Sample sample);

/// The record's own sample call of about `elements` elements.
Work work_of(const KernelRecord& record, int64_t elements);

/// A call on inputs of one dtype. `extents` are those of the names in the shapes of the record's
/// required inputs, in the order in which they appear, behind any leading dimensions; for an input
/// of any shape, its shape. For DOT_BATCHED, a[q, d] and b[n, d]: q x d x n. Parameters are those
/// of the record's sample. Throws Error(kInvalidArgument) when the record does not accept them.
Sample sample_of(const KernelRecord& record, const std::vector<int64_t>& extents, DType dtype);

/// A run of a pipeline, likewise. For vector-search, database[n, d] and queries[q, d]: n x d x q.
Sample sample_of(const PipelineRecord& record, const std::vector<int64_t>& extents, DType dtype);

/// The kernel of an id, or of words of it: "softmax" is SOFTMAX_STABLE, "matmul" is MATMUL_BATCHED
/// or, without that, DOT_BATCHED. Throws Error(kNotFound) that lists the candidates.
const KernelRecord& find_operation(std::string_view name);

/// "4096x4096" -> {4096, 4096}. Throws Error(kInvalidArgument).
std::vector<int64_t> parse_extents(std::string_view text);

}  // namespace ingot::planner
