// run_kernel, pipeline_run: computing.
#include <algorithm>

#include "mcp/array_argument.hpp"
#include "mcp/schema.hpp"
#include "mcp/tools.hpp"
#include "pipelines/pipeline.hpp"

namespace ingot::mcp {
namespace {

// Properties that both tools have.
const Property kParams = {
    "params",
    map_of({{"type", Json::array({"string", "number", "boolean"})}}, "parameters by name")};
const Property kOutputs = {
    "outputs", map_of(value_of("string", ".npy file below a root"), "outputs to keep, by name")};
const Property kDevice = {
    "device", one_of({"auto", "cpu", "metal", "cuda", "softmetal"}, "where to run; default auto")};

Json output_schema() {
  return array_of(object_of({{"name", value_of("string", "name"), true},
                             {"dtype", value_of("string", "dtype"), true},
                             {"shape", array_of({{"type", "integer"}}, "extents"), true},
                             {"file", value_of("string|null", "where it was written"), true},
                             {"first_elements",
                              array_of({{"type", Json::array({"number", "boolean", "null"})}},
                                       "the first 100; null: not a number or infinite"),
                              true}}),
                  "outputs");
}

std::string output_file(const Environment& environment, const Json& path) {
  return environment.roots.writable(path.get<std::string>(), ".npy").string();
}

Json run(const Environment& environment, const Json& arguments, const std::stop_token& stop) {
  const ScratchDirectory scratch;
  std::vector<std::string> line = {
      "run", "--json", plain_name(arguments["kernel"].get_ref<const std::string&>())};
  for (const auto& [name, array] : members_of(arguments, "inputs").items()) {
    line.push_back(
        option("in", plain_name(name) + "=" + source_of(environment, scratch.path(), name, array)));
  }
  for (const auto& [name, value] : members_of(arguments, "params").items()) {
    line.push_back(option("param", plain_name(name) + "=" + scalar_text(name, value)));
  }
  for (const auto& [name, path] : members_of(arguments, "outputs").items()) {
    line.push_back(option("out", plain_name(name) + "=" + output_file(environment, path)));
  }
  line.push_back(option("device", arguments.value("device", "auto")));
  return run_command(environment, std::move(line), stop);
}

// Inputs, parameters and outputs of a pipeline are options of its command.
std::string option_of(const std::string& name, const std::string& value) {
  std::string dashed = plain_name(name);
  std::ranges::replace(dashed, '_', '-');
  return option(dashed, value);
}

Json run_steps(const Environment& environment, const Json& arguments, const std::stop_token& stop) {
  const ScratchDirectory scratch;
  const PipelineRecord& record = find_pipeline(arguments["pipeline"].get<std::string>());
  std::vector<std::string> line = {"pipeline", std::string(record.name), "--json"};
  for (const auto& [name, array] : members_of(arguments, "inputs").items()) {
    line.push_back(option_of(name, file_of(environment, scratch.path(), name, array)));
  }
  for (const auto& [name, value] : members_of(arguments, "params").items()) {
    line.push_back(option_of(name, scalar_text(name, value)));
  }
  for (const auto& [name, path] : members_of(arguments, "outputs").items()) {
    line.push_back(option_of(name, output_file(environment, path)));
  }
  line.push_back(option("device", arguments.value("device", "auto")));
  return run_command(environment, std::move(line), stop);
}

}  // namespace

Tool run_kernel(const Environment& environment) {
  return {.name = "run_kernel",
          .title = "Run a kernel",
          .description =
              "Runs one kernel. An input is {\"numbers\": [..], \"shape\": [..], \"dtype\": ..}, "
              "{\"file\": \"x.npy\"} or {\"random\": [shape]}; kernel_show tells the names.",
          .input_schema = object_of({{"kernel", value_of("string", "id, such as REDUCE_SUM"), true},
                                     {"inputs", map_of(array_schema(), "inputs by name")},
                                     kParams,
                                     kOutputs,
                                     kDevice}),
          .output_schema = object_of({{"kernel", value_of("string", "id"), true},
                                      {"device", value_of("string", "kind of device"), true},
                                      {"device_name", value_of("string", "its name"), true},
                                      {"notice", value_of("string", "what to know about it")},
                                      {"seconds", value_of("number", "time taken"), true},
                                      {"clock", one_of({"device", "wall"}, "whose time"), true},
                                      {"served_by", value_of("string", "what ran it"), true},
                                      {"outputs", output_schema(), true}}),
          .writes_files = true,
          .call = [&environment](const Json& arguments, const std::stop_token& stop) {
            return run(environment, arguments, stop);
          }};
}

Tool pipeline_run(const Environment& environment) {
  std::string names;
  for (const PipelineRecord* record : pipelines()) {
    names += "\n" + std::string(record->name) + ": " + std::string(record->summary) + ". Inputs:";
    for (const ArgSpec& input : record->inputs) {
      names += " " + std::string(input.name) + (input.optional ? "?" : "");
    }
    names += "; params:";
    for (const ParamSpec& param : record->params) {
      names += " " + std::string(param.name);
    }
  }
  const Json step = object_of({{"name", value_of("string", "step"), true},
                               {"kernel", value_of("string", "id"), true},
                               {"served_by", value_of("string", "what ran it"), true},
                               {"seconds", value_of("number", "time taken"), true},
                               {"bytes", value_of("number", "read and written"), true}});
  const Json figure = object_of({{"value", value_of("number|null", "value"), true},
                                 {"unit", value_of("string", "unit"), true}});
  return {.name = "pipeline_run",
          .title = "Run a pipeline",
          .description = "Runs a job of several steps, and tells what each step took." + names,
          .input_schema =
              object_of({{"pipeline", value_of("string", "name, such as vector-search"), true},
                         {"inputs", map_of(array_schema(), "inputs by name")},
                         kParams,
                         kOutputs,
                         kDevice}),
          .output_schema = object_of({{"pipeline", value_of("string", "name"), true},
                                      {"device", value_of("string", "kind of device"), true},
                                      {"device_name", value_of("string", "its name"), true},
                                      {"notice", value_of("string", "what to know about it")},
                                      {"seconds", value_of("number", "time taken"), true},
                                      {"steps", array_of(step, "in order"), true},
                                      {"figures", map_of(figure, "what the run found out"), true},
                                      {"outputs", output_schema(), true}}),
          .writes_files = true,
          .call = [&environment](const Json& arguments, const std::stop_token& stop) {
            return run_steps(environment, arguments, stop);
          }};
}

}  // namespace ingot::mcp
