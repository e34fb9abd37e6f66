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
};

/// All pipelines. Made from src/pipelines/*_pipeline.cpp, each of which defines the record
/// ingot::pipeline_records::<name>, when the library is configured.
std::span<const PipelineRecord* const> pipelines();

/// The record of a name ("vector-search"). Throws Error(kNotFound) that lists the names.
const PipelineRecord& find_pipeline(std::string_view name);

}  // namespace ingot
