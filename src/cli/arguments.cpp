#include "cli/arguments.hpp"

#include "planner/work.hpp"
#include "runtime/call.hpp"

namespace ingot::cli {
namespace {

template <class Record>
Sample described_sample(std::string_view owner, const Record& record, const Described& described) {
  Sample sample =
      described.shape.empty()
          ? record.sample(parse_count("--size", described.size))
          : planner::sample_of(
                record, planner::parse_extents(described.shape), parse_dtype(described.dtype));
  for (NamedValue& given : parse_params(owner, record.params, described.params)) {
    std::erase_if(sample.params, [&](const NamedValue& value) { return value.name == given.name; });
    sample.params.push_back(std::move(given));
  }
  return sample;
}

}  // namespace

std::vector<NamedValue> parse_params(std::string_view owner,
                                     const std::vector<ParamSpec>& specs,
                                     const std::vector<std::string>& texts) {
  std::vector<NamedValue> params;
  std::vector<const ParamSpec*> given;
  for (const std::string& text : texts) {
    const auto [name, value] = parse_assignment("--param", text);
    const ParamSpec& spec = find_spec("--param", specs, name, given);
    params.push_back({spec.name, from_usage([&] {
                        return check_param(owner, spec, parse_value(spec, value));
                      })});
  }
  return params;
}

void require_params(const std::vector<ParamSpec>& specs, const std::vector<NamedValue>& given) {
  for (const ParamSpec& spec : specs) {
    if (spec.fallback.empty() &&
        std::ranges::find(given, spec.name, &NamedValue::name) == given.end()) {
      throw UsageError("--param",
                       fmt::format("the parameter '{}' is missing: {}", spec.name, spec.summary),
                       fmt::format("--param {}=VALUE", spec.name));
    }
  }
}

void add_described(CLI::App& command, Described& described) {
  command.add_option("--size", described.size, "Elements of the largest tensor: 500k, 10M, 1G")
      ->type_name("COUNT")
      ->capture_default_str();
  command.add_option("--shape", described.shape, "Extents of the inputs instead: 4096x4096")
      ->type_name("SHAPE");
  command.add_option("--dtype", described.dtype, "Of the inputs, with --shape")
      ->capture_default_str();
  add_repeated(command, "--param", described.params, "NAME=VALUE: parameter; repeat it for each");
}

Sample sample_of(const KernelRecord& record, const Described& described) {
  return described_sample(record.id, record, described);
}

Sample sample_of(const PipelineRecord& record, const Described& described) {
  return described_sample(record.name, record, described);
}

}  // namespace ingot::cli
