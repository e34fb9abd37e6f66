#include "pipelines/pipeline_call.hpp"

#include <algorithm>
#include <string>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "runtime/call.hpp"

namespace ingot {
namespace {

template <class Spec>
size_t find(const PipelineRecord& record,
            const std::vector<Spec>& specs,
            std::string_view name,
            std::string_view kind) {
  std::string names;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) {
      return i;
    }
    names += (names.empty() ? "" : ", ") + std::string(specs[i].name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}", record.name, name),
              fmt::format("no such {}", kind),
              fmt::format("there is: {}", names.empty() ? "none" : names));
}

[[noreturn]] void missing(const PipelineRecord& record,
                          std::string_view name,
                          std::string_view kind,
                          std::string_view summary) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}", record.name, name),
              fmt::format("this {} must be given", kind),
              std::string(summary));
}

}  // namespace

PipelineParams::PipelineParams(const PipelineRecord& record, const std::vector<NamedValue>& params)
    : record_(&record), params_(record.params.size()) {
  for (const NamedValue& given : params) {
    const size_t i = find(record, record.params, given.name, "parameter");
    params_[i] = check_param(record.name, record.params[i], given.value);
  }
  for (size_t i = 0; i < params_.size(); ++i) {
    const ParamSpec& spec = record.params[i];
    if (!params_[i] && spec.fallback.empty()) {
      missing(record, spec.name, "parameter", spec.summary);
    }
    if (!params_[i] && spec.fallback != "none") {
      params_[i] = parse_value(spec, spec.fallback);
    }
  }
}

PipelineCall::PipelineCall(const PipelineRecord& record,
                           const std::vector<NamedArray>& inputs,
                           const std::vector<NamedValue>& params)
    : PipelineParams(record, params), record_(&record), inputs_(record.inputs.size()) {
  for (const NamedArray& given : inputs) {
    inputs_[find(record, record.inputs, given.name, "input")] = &given.array;
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i] == nullptr && !record.inputs[i].optional) {
      missing(record, record.inputs[i].name, "input", record.inputs[i].summary);
    }
  }
}

const HostArray* PipelineCall::input(std::string_view name) const {
  return inputs_[find(*record_, record_->inputs, name, "input")];
}

const Sample::Input& input_of(const PipelineRecord& record,
                              const Sample& run,
                              std::string_view name) {
  const auto given = std::ranges::find(run.inputs, name, &Sample::Input::name);
  if (given == run.inputs.end()) {
    missing(
        record, name, "input", record.inputs[find(record, record.inputs, name, "input")].summary);
  }
  return *given;
}

const std::optional<Value>& PipelineParams::param(std::string_view name) const {
  return params_[find(*record_, record_->params, name, "parameter")];
}

int64_t PipelineParams::integer(std::string_view name) const {
  return std::get<int64_t>(param(name).value().get());
}
double PipelineParams::real(std::string_view name) const {
  return std::get<double>(param(name).value().get());
}
std::string_view PipelineParams::choice(std::string_view name) const {
  return std::get<std::string>(param(name).value().get());
}
bool PipelineParams::has_param(std::string_view name) const {
  return param(name).has_value();
}

}  // namespace ingot
