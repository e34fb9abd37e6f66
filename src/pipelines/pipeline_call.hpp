// The arguments of one run of a pipeline, checked against its record.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pipelines/pipeline.hpp"
#include "runtime/value.hpp"

namespace ingot {

class PipelineParams {
 public:
  /// Throws Error(kInvalidArgument) for names that the record does not have, parameters of another
  /// type or out of range, and what is missing.
  PipelineParams(const PipelineRecord& record, const std::vector<NamedValue>& params);

  int64_t integer(std::string_view param) const;
  double real(std::string_view param) const;
  std::string_view choice(std::string_view param) const;
  /// False for a parameter whose default is "none" and that was not given.
  bool has_param(std::string_view param) const;

 private:
  const std::optional<Value>& param(std::string_view name) const;

  const PipelineRecord* record_;
  std::vector<std::optional<Value>> params_;
};

class PipelineCall : public PipelineParams {
 public:
  /// As PipelineParams, for inputs too. Dtypes and shapes are the pipeline's own to check.
  PipelineCall(const PipelineRecord& record,
               const std::vector<NamedArray>& inputs,
               const std::vector<NamedValue>& params);

  /// An input; nullptr for an optional one that was not given.
  const HostArray* input(std::string_view name) const;

 private:
  const PipelineRecord* record_;
  std::vector<const HostArray*> inputs_;
};

/// An input of a run that has shapes alone. Throws Error(kInvalidArgument) when it is missing.
const Sample::Input& input_of(const PipelineRecord& record,
                              const Sample& run,
                              std::string_view name);

}  // namespace ingot
