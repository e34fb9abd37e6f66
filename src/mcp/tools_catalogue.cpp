// kernels_search, kernel_show, select: what there is, and which of it to take.
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "mcp/schema.hpp"
#include "mcp/tools.hpp"

namespace ingot::mcp {
namespace {

Json argument_schema() {
  return object_of({{"name", value_of("string", "name"), true},
                    {"dtypes", value_of("string", "accepted dtypes; =x: as argument x"), true},
                    {"shape", value_of("string", "[rows, cols]; empty: any"), true},
                    {"optional", value_of("boolean", "may be left out"), true},
                    {"summary", value_of("string", "what it is"), true},
                    {"count_in", value_of("string", "the output that holds its length")}});
}

Json parameter_schema() {
  return object_of({{"name", value_of("string", "name"), true},
                    {"type", one_of({"integer", "real", "flag", "choice"}, "type"), true},
                    {"required", value_of("boolean", "must be given"), true},
                    {"default", value_of("string", "its value where it is not given"), true},
                    {"summary", value_of("string", "what it is"), true},
                    {"choices", value_of("string", "accepted words")},
                    {"least", value_of("number", "least accepted value")},
                    {"most", value_of("number", "greatest accepted value")}});
}

}  // namespace

Tool kernels_search(const Environment& environment) {
  return {.name = "kernels_search",
          .title = "Search the kernels",
          .description =
              "Lists the kernels of the catalogue; with a query, those whose id, domain, "
              "summary or formula have all its words.",
          .input_schema = object_of({{"query", value_of("string", "words, such as: prefix sum")},
                                     {"domain", value_of("string", "only this domain")}}),
          .output_schema =
              object_of({{"kernels",
                          array_of(object_of({{"id", value_of("string", "id"), true},
                                              {"domain", value_of("string", "domain"), true},
                                              {"summary", value_of("string", "one line"), true}}),
                                   "found, by domain and id"),
                          true}}),
          .call = [&environment](const Json& arguments, const std::stop_token& stop) {
            std::vector<std::string> line = {"kernels", "list", "--json"};
            for (const char* name : {"query", "domain"}) {
              if (arguments.contains(name)) {
                line.push_back(option(name, arguments[name].get<std::string>()));
              }
            }
            return run_command(environment, std::move(line), stop);
          }};
}

Tool kernel_show(const Environment& environment) {
  return {
      .name = "kernel_show",
      .title = "Show a kernel",
      .description =
          "What a kernel computes exactly, its inputs, parameters, outputs, dtypes, "
          "limits and a command line to try it with.",
      .input_schema = object_of({{"kernel", value_of("string", "id, such as REDUCE_SUM"), true}}),
      .output_schema =
          object_of({{"id", value_of("string", "id"), true},
                     {"domain", value_of("string", "domain"), true},
                     {"summary", value_of("string", "one line"), true},
                     {"formula", value_of("string", "exact definition"), true},
                     {"source", value_of("string", "whose definition it is"), true},
                     {"metal_function", value_of("string", "stem of the entries"), true},
                     {"inputs", array_of(argument_schema(), "tensors"), true},
                     {"params", array_of(parameter_schema(), "parameters"), true},
                     {"outputs", array_of(argument_schema(), "tensors"), true},
                     {"example", value_of("string", "command line"), true}}),
      .call = [&environment](const Json& arguments, const std::stop_token& stop) {
        const auto id = arguments["kernel"].get<std::string>();
        return run_command(environment, {"kernels", "show", "--json", plain_name(id)}, stop);
      }};
}

Tool select(const Environment& environment) {
  return {
      .name = "select",
      .title = "Choose kernels",
      .description =
          "Which kernels serve an operation of given shapes, and why. Operations are named as "
          "in NumPy or PyTorch: sort, top_k, softmax, attention, layer_norm, spmv, fft, adam_step.",
      .input_schema = object_of(
          {{"operation", value_of("string", "operation"), true},
           {"shapes",
            array_of(array_of({{"type", "integer"}, {"minimum", 1}}, "extents", 8),
                     "of the inputs, in order",
                     8)},
           {"dtype", value_of("string", "of the first input: f32, f16")},
           {"params",
            map_of({{"type", Json::array({"string", "number", "boolean"})}},
                   "facts that shapes do not tell, such as k, density, position_encoding")}}),
      .output_schema = object_of(
          {{"operation", value_of("string", "its first name"), true},
           {"kernels",
            array_of(
                object_of({{"id", value_of("string", "id"), true},
                           {"joint", one_of({"then", "beside"}, "after or beside the last"), true},
                           {"in_this_version", value_of("boolean", "can be run"), true},
                           {"summary", value_of("string|null", "one line"), true}}),
                "in order"),
            true},
           {"served", value_of("boolean", "all of them can be run"), true},
           {"reason", value_of("string", "the condition that decided"), true},
           {"note", value_of("string", "what else to do"), true}}),
      .call = [&environment](const Json& arguments, const std::stop_token& stop) {
        const auto operation = arguments["operation"].get<std::string>();
        std::vector<std::string> line = {"select", "--json", plain_name(operation)};
        for (const Json& shape : arguments.value("shapes", Json::array())) {
          line.push_back(option(
              "shape", fmt::format("{}", fmt::join(shape.get<std::vector<int64_t>>(), "x"))));
        }
        if (arguments.contains("dtype")) {
          line.push_back(option("dtype", arguments["dtype"].get<std::string>()));
        }
        for (const auto& [name, value] : members_of(arguments, "params").items()) {
          line.push_back(option("param", plain_name(name) + "=" + scalar_text(name, value)));
        }
        return run_command(environment, std::move(line), stop);
      }};
}

}  // namespace ingot::mcp
