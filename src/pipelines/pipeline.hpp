// What a pipeline declares about itself. Everything that lists, documents or runs pipelines is made
// from these records; there is no other list.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "runtime/record.hpp"
#include "runtime/value.hpp"

namespace ingot {

/// Told now and then how far a long job is: the fraction done, 0 to 1, and what is being done.
/// Returning false stops the job, which then throws Error(kCancelled). May be empty.
using Progress = std::function<bool(double fraction, std::string_view text)>;

/// What one step of a pipeline did, all its calls together.
struct StepReport {
  std::string name;       // "bound"
  std::string kernel;     // id in the catalogue: "MAP_COMPARE"
  std::string served_by;  // "cpu twin (AVX3)", "oneDNN s8s8s32", "softmetal"
  double seconds = 0;
  double bytes = 0;  // read and written, each tensor once per call
  double gigabytes_per_second() const { return seconds > 0 ? bytes / seconds * 1e-9 : 0; }
};

/// A step as declared.
struct StepSpec {
  std::string_view name;
  std::string_view kernel;
  std::string_view summary;
};

struct NamedArray {
  std::string_view name;
  HostArray array;
};

/// A number that a run found out: recall, candidates per query, seconds.
struct Figure {
  std::string_view name;
  double value;
  std::string_view unit;  // "s", "rows", "fraction", ...
};

struct PipelineResult {
  std::vector<NamedArray> outputs;  // as the record declares
  std::vector<StepReport> steps;
  std::vector<Figure> figures;
  double seconds = 0;  // wall time, without the checks against exact computation
};

/// Calls of one kernel, all alike, that a step makes.
struct StepCalls {
  std::string_view step;    // its name
  std::string_view kernel;  // id in the catalogue
  Sample call;
  double times = 1;
};

/// What a run has to do, as far as the shapes of its inputs and its parameters tell.
struct PipelineWork {
  std::vector<StepCalls> calls;  // step by step
  double items = 0;              // pieces that are independent of each other,
  std::string_view item;         // "queries"
  double data_bytes = 0;         // of inputs and outputs
};

struct PipelineRecord {
  std::string_view name;  // "vector-search"
  std::string_view summary;
  std::vector<ArgSpec> inputs;
  std::vector<ParamSpec> params;
  std::vector<ArgSpec> outputs;
  std::vector<StepSpec> steps;
  /// Runs it. Inputs and parameters are found by their names in the record; throws Error that names
  /// one which is missing, unknown or not acceptable.
  PipelineResult (*run)(const Backend& backend,
                        const std::vector<NamedArray>& inputs,
                        const std::vector<NamedValue>& params,
                        const Progress& progress);
  /// The calls of a run with such inputs and parameters; nothing is allocated. The cut of the work
  /// into calls may differ on a GPU. Throws as `run` does.
  PipelineWork (*work)(const Sample& run, bool on_gpu);
  /// A run whose largest input has about `elements` elements.
  Sample (*sample)(int64_t elements);
};

/// All pipelines. Made from src/pipelines/*_pipeline.cpp, each of which defines the record
/// ingot::pipeline_records::<name>, when the library is configured.
std::span<const PipelineRecord* const> pipelines();

/// The record of a name ("vector-search"). Throws Error(kNotFound) that lists the names.
const PipelineRecord& find_pipeline(std::string_view name);

}  // namespace ingot
