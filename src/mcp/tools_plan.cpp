// route, estimate, health: where work should run, how long it takes, whether it may start.
#include <fstream>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "health/snapshot.hpp"
#include "mcp/schema.hpp"
#include "mcp/tools.hpp"
#include "planner/workload.hpp"

namespace ingot::mcp {
namespace {

// The document that describes a workload, from the planner's own list of its fields.
Json workload_schema() {
  Json properties = Json::object();
  for (const planner::WorkloadField& field : planner::workload_fields()) {
    Json types = Json::array({"string", "boolean"});  // "all | mostly | none", true or false
    if (field.type == "number") {
      types = "number";
    } else if (field.type == "flag") {
      types = "boolean";
    }
    properties[std::string(field.name)] = {
        {"type", std::move(types)},
        {"description", std::string(field.summary) + "; left out: " + std::string(field.fallback)}};
  }
  return {{"type", "object"},
          {"description", "the work, as far as it is known"},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

template <class T>
Json signal_schema(const health::Signal<T>&, const health::SignalInfo& info) {
  const char* type = std::is_same_v<T, double> ? "number|null" : "string|null";
  return value_of(type, info.unit.empty() ? "null: unknown" : std::string(info.unit).c_str());
}

Json snapshot_schema() {
  const auto add_to = [](Json& schema) {
    return [&schema](const health::SignalInfo& info, const auto& signal) {
      schema["properties"][std::string(info.name)] = signal_schema(signal, info);
      schema["required"].push_back(info.name);
    };
  };
  Json gpu = object_of({});
  const health::Gpu any_gpu;
  health::for_each_gpu_signal(any_gpu, add_to(gpu));
  Json snapshot =
      object_of({{"gpus", array_of(gpu, "NVIDIA GPUs"), true},
                 {"sources", map_of(value_of("string", "source"), "of each signal"), true}});
  const health::Snapshot any;
  health::for_each_signal(any, add_to(snapshot));
  return snapshot;
}

Json params_schema() {
  return map_of({{"type", Json::array({"string", "number", "boolean"})}},
                "parameters of the kernel or pipeline, such as k");
}

Json shape_schema(const char* description) {
  return array_of({{"type", "integer"}, {"minimum", 1}}, description, 8);
}

// "--shape=4096x128", and the other options that both tools pass on as they are.
void add_options(const Json& arguments, std::vector<std::string>& line) {
  if (arguments.contains("shape")) {
    const auto extents = arguments["shape"].get<std::vector<int64_t>>();
    line.push_back(option("shape", fmt::format("{}", fmt::join(extents, "x"))));
  }
  for (const char* name : {"op", "pipeline", "dtype", "size", "profile", "model"}) {
    if (arguments.contains(name)) {
      line.push_back(option(name, scalar_text(name, arguments[name])));
    }
  }
  for (const auto& [name, value] : members_of(arguments, "params").items()) {
    line.push_back(option("param", plain_name(name) + "=" + scalar_text(name, value)));
  }
}

// A workload in a file, as commands take it.
std::string write_workload(const ScratchDirectory& scratch, const Json& workload) {
  std::ofstream(scratch.path() / "workload.json") << to_line(workload);
  return (scratch.path() / "workload.json").string();
}

}  // namespace

Tool route(const Environment& environment) {
  const Json text = value_of("string", "text");
  return {
      .name = "route",
      .title = "Place a workload",
      .description =
          "Where a workload should run (this machine's GPU or CPU, MLX, PyTorch, a rented GPU or "
          "a fleet), why, how long it takes and what it costs. Tell the user local time, cloud "
          "time and dollars when it does not stay here.",
      .input_schema = object_of(
          {{"workload", workload_schema()},
           {"op", value_of("string", "or a kernel, by id or a word of it: softmax, matmul")},
           {"shape",
            shape_schema("extents of its inputs: [4096, 4096, 4096]; for vector-search rows, "
                         "elements of a row, queries")},
           {"params", params_schema()},
           {"dtype", value_of("string", "of its inputs")},
           {"pipeline", value_of("string", "or a pipeline, such as vector-search")},
           {"size", value_of("integer", "elements of the largest tensor, without a shape")}}),
      .output_schema = object_of(
          {{"terminal", value_of("string", "T0 to T9"), true},
           {"name", value_of("string", "its name: LOCAL_METAL"), true},
           {"path", array_of(text, "states and the terminal"), true},
           {"reasons", array_of(text, "the condition that decided in each state"), true},
           {"local_hours", value_of("number", "on this machine"), true},
           {"cloud",
            {{"type", Json::array({"object", "null"})},
             {"description", "machines to rent; null: none"},
             {"properties",
              {{"provider", text},
               {"instance", text},
               {"count", value_of("integer", "machines")},
               {"hours", value_of("number", "time")},
               {"usd", value_of("number", "cost of all, for the whole time")}}},
             {"required", Json::array({"provider", "instance", "count", "hours", "usd"})}},
            true},
           {"warnings", array_of(text, "tell the user"), true},
           {"alternatives",
            array_of(object_of({{"terminal", text, true},
                                {"name", text, true},
                                {"why", text, true},
                                {"hours", value_of("number", "time"), true},
                                {"usd", value_of("number", "cost"), true}}),
                     "worth knowing of"),
            true},
           {"assumptions",
            array_of(object_of(
                         {{"field", text, true},
                          {"value", {{"type", Json::array({"number", "string", "boolean"})}}, true},
                          {"source", text, true}}),
                     "what was filled in"),
            true},
           {"prices_as_of", value_of("string|null", "date of the oldest price used"), true}}),
      .call = [&environment](const Json& arguments, const std::stop_token& stop) {
        const ScratchDirectory scratch;
        const Json& workload = members_of(arguments, "workload");
        std::vector<std::string> line = {"route", "--json"};
        if (arguments.contains("op") || arguments.contains("pipeline")) {
          add_options(arguments, line);
          for (const auto& [name, value] : workload.items()) {
            line.push_back(option("with", name + "=" + scalar_text(name, value)));
          }
        } else {
          line.push_back(write_workload(scratch, workload));
        }
        return run_command(environment, std::move(line), stop);
      }};
}

Tool estimate(const Environment& environment) {
  const auto figures = [](std::initializer_list<Property> more) {
    Json schema = object_of(
        {{"seconds", value_of("number", "time"), true},
         {"bytes", value_of("number", "read and written"), true},
         {"flops", value_of("number", "floating-point operations"), true},
         {"bytes_per_second", value_of("number", "rate"), true},
         {"flops_per_second", value_of("number", "rate"), true},
         {"bound", one_of({"launch", "memory", "compute"}, "what decides"), true},
         {"efficiency", value_of("number", "part of the roofline"), true},
         {"efficiency_source", value_of("string", "where it comes from"), true},
         {"advice", array_of(value_of("string", "text"), "what would make it faster"), true}});
    for (const Property& property : more) {
      schema["properties"][property.name] = property.schema;
    }
    return schema;
  };
  const Json input = object_of({{"name", value_of("string", "name"), true},
                                {"dtype", value_of("string", "dtype"), true},
                                {"shape", array_of({{"type", "integer"}}, "extents"), true}});
  const Property kernel = {"kernel", value_of("string", "id")};
  const Property inputs = {"inputs", array_of(input, "of the call")};
  return {
      .name = "estimate",
      .title = "Estimate a time",
      .description =
          "How long a kernel or pipeline takes on a device, what bounds it and what would help. "
          "Without a profile, this machine, if it was calibrated.",
      .input_schema = object_of(
          {{"name", value_of("string", "kernel, a word of one, or pipeline"), true},
           {"size", value_of("integer", "elements of the largest tensor; default 10 million")},
           {"shape",
            shape_schema("extents of the inputs instead; for vector-search rows, elements of a "
                         "row, queries")},
           {"params", params_schema()},
           {"dtype", value_of("string", "of the inputs, with a shape")},
           {"profile", value_of("string", "device, such as m4-max, h100-sxm")},
           {"model", one_of({"roofline", "legacy"}, "default roofline")}}),
      .output_schema = figures({kernel,
                                {"pipeline", value_of("string", "name")},
                                {"profile", value_of("string", "device")},
                                {"model", value_of("string", "model")},
                                inputs,
                                {"steps",
                                 array_of(figures({{"step", value_of("string", "name")},
                                                   kernel,
                                                   {"calls", value_of("number", "how many")},
                                                   inputs}),
                                          "of a pipeline, by kernel")}}),
      .call = [&environment](const Json& arguments, const std::stop_token& stop) {
        std::vector<std::string> line = {
            "estimate", "--json", plain_name(arguments["name"].get_ref<const std::string&>())};
        add_options(arguments, line);
        return run_command(environment, std::move(line), stop);
      }};
}

Tool health(const Environment& environment) {
  const Json text = value_of("string", "text");
  return {
      .name = "health",
      .title = "Check the machine",
      .description =
          "The machine's memory, heat, power and load, and whether a workload should start now: "
          "pass, warn (tell the user, then proceed) or block.",
      .input_schema = object_of({{"workload", workload_schema()}}),
      .output_schema = object_of(
          {{"snapshot", snapshot_schema(), true},
           {"sample_seconds", value_of("number", "time that reading took"), true},
           {"verdict", one_of({"pass", "warn", "block"}, "verdict"), true},
           {"findings",
            array_of(object_of({{"code", text, true},
                                {"severity", one_of({"warn", "block"}, "severity"), true},
                                {"message", text, true}}),
                     "tell the user"),
            true},
           {"undecided",
            array_of(
                object_of({{"code", text, true}, {"missing", array_of(text, "signals"), true}}),
                "rules that could not be decided"),
            true},
           {"guidance", array_of(text, "what helps"), true}}),
      .call = [&environment](const Json& arguments, const std::stop_token& stop) {
        const ScratchDirectory scratch;
        std::vector<std::string> line = {"health", "--json"};
        if (arguments.contains("workload")) {
          line.push_back(option("workload", write_workload(scratch, arguments["workload"])));
        }
        return run_command(environment, std::move(line), stop);
      }};
}

}  // namespace ingot::mcp
