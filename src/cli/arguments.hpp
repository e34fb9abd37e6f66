// Arguments of kernels and pipelines, as options name them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "pipelines/pipeline.hpp"
#include "runtime/record.hpp"

namespace ingot::cli {

/// The declared argument of that name, which may be given once. Throws UsageError.
template <class Spec>
const Spec& find_spec(const char* option,
                      const std::vector<Spec>& specs,
                      std::string_view name,
                      std::vector<const Spec*>& given) {
  std::string names;
  for (const Spec& spec : specs) {
    if (spec.name == name) {
      if (std::ranges::find(given, &spec) != given.end()) {
        throw UsageError(option, fmt::format("'{}' is given twice", name));
      }
      given.push_back(&spec);
      return spec;
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", spec.name);
  }
  throw UsageError(option,
                   fmt::format("there is no '{}'", name),
                   names.empty() ? "there is none" : "one of: " + names);
}

/// The values of --param NAME=VALUE, as `owner`, a kernel or pipeline, declares them. Throws
/// UsageError.
std::vector<NamedValue> parse_params(std::string_view owner,
                                     const std::vector<ParamSpec>& specs,
                                     const std::vector<std::string>& texts);

/// Throws UsageError that names a parameter which must be given, and is not.
void require_params(const std::vector<ParamSpec>& specs, const std::vector<NamedValue>& given);

/// A call or a run that is only described, by its size or by the shape of its inputs.
struct Described {
  std::string size = "10M";
  std::string shape;
  std::string dtype = "f32";
  std::vector<std::string> params;
};

/// Adds --size, --shape, --dtype and --param.
void add_described(CLI::App& command, Described& described);

/// The inputs and parameters of the call, or run, that it describes. Throws Error.
Sample sample_of(const KernelRecord& record, const Described& described);
Sample sample_of(const PipelineRecord& record, const Described& described);

}  // namespace ingot::cli
