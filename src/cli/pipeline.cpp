// ingot pipeline list | NAME
#include "pipelines/pipeline.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "ingot/tensor.hpp"

#include "core/npy.hpp"
#include "program/arrays.hpp"
#include "program/terminal.hpp"
#include "runtime/call.hpp"

namespace ingot::cli {
namespace {

// Texts of the options made from a pipeline's record, by argument name; "": not given.
struct Arguments {
  std::string device = "auto";
  std::map<std::string_view, std::string> inputs, params, outputs;
};

void list(bool json) {
  if (json) {
    Json names = Json::array();
    for (const PipelineRecord* record : pipelines()) {
      Json steps = Json::array();
      for (const StepSpec& step : record->steps) {
        steps.push_back({{"name", step.name}, {"kernel", step.kernel}, {"summary", step.summary}});
      }
      names.push_back({{"name", record->name}, {"summary", record->summary}, {"steps", steps}});
    }
    print_json({{"pipelines", names}});
    return;
  }
  for (const PipelineRecord* record : pipelines()) {
    fmt::print("{}  {}\n", strong(record->name), record->summary);
    Table steps({"", "", ""});
    for (const StepSpec& step : record->steps) {
      steps.add({std::string(step.name), std::string(step.kernel), std::string(step.summary)});
    }
    fmt::print("{}", steps.text());
  }
}

// Outputs of the same shape [rows, columns] side by side: "877 0.981" is an index and its score.
std::string first_rows(const std::vector<NamedArray>& outputs) {
  constexpr int64_t kRows = 5;
  constexpr int64_t kColumns = 5;
  const Shape& shape = outputs.front().array.shape();
  if (shape.rank() != 2) {
    return "";
  }
  std::vector<const NamedArray*> beside;
  std::string names;
  for (const NamedArray& output : outputs) {
    if (output.array.shape() == shape) {
      beside.push_back(&output);
      names += fmt::format("{}{}", names.empty() ? "" : ", ", output.name);
    }
  }
  const int64_t columns = std::min(kColumns, shape[1]);
  std::vector<std::string> headings = {">row"};
  for (int64_t column = 0; column < columns; ++column) {
    for (size_t i = 0; i < beside.size(); ++i) {
      headings.push_back(i == 0 ? fmt::format(">{}", column + 1) : ">");
    }
  }
  Table table(headings);
  for (int64_t row = 0; row < std::min(kRows, shape[0]); ++row) {
    std::vector<std::string> cells = {fmt::to_string(row)};
    for (int64_t column = 0; column < columns; ++column) {
      for (const NamedArray* output : beside) {
        cells.push_back(element_text(output->array, row * shape[1] + column));
      }
    }
    table.add(cells);
  }
  return fmt::format("\n{}\n{}", strong("First " + names), table.text());
}

std::string figure_text(const Figure& figure) {
  if (figure.unit == "s") {
    return human_time(figure.value);
  }
  if (figure.unit == "fraction") {
    return fmt::format("{:.3f}", figure.value);
  }
  return fmt::format("{:.6g}{}{}", figure.value, figure.unit.empty() ? "" : " ", figure.unit);
}

void print_result(const PipelineRecord& record,
                  const Backend& backend,
                  const PipelineResult& result) {
  fmt::print("{} on {} ({}) in {}\n\n",
             strong(record.name),
             backend.name(),
             backend.device_name(),
             human_time(result.seconds));
  Table steps({"step", "kernel", "served by", ">time", ">bandwidth", ""});
  for (const StepReport& step : result.steps) {
    const double share = result.seconds > 0 ? step.seconds / result.seconds : 0;
    steps.add({step.name,
               step.kernel,
               step.served_by,
               step.seconds > 0 ? human_time(step.seconds) : "-",
               step.seconds > 0 ? human_rate(step.bytes / step.seconds, "B") : "-",
               bar(share, 20)});
  }
  Table figures({"", ">"});
  for (const Figure& figure : result.figures) {
    figures.add({std::string(figure.name), figure_text(figure)});
  }
  fmt::print("{}\n{}{}", steps.text(), figures.text(), first_rows(result.outputs));
}

Json to_json(const PipelineRecord& record,
             const Backend& backend,
             const PipelineResult& result,
             const Arguments& arguments) {
  Json steps = Json::array();
  for (const StepReport& step : result.steps) {
    steps.push_back({{"name", step.name},
                     {"kernel", step.kernel},
                     {"served_by", step.served_by},
                     {"seconds", step.seconds},
                     {"bytes", step.bytes}});
  }
  Json figures = Json::object();
  for (const Figure& figure : result.figures) {
    figures[std::string(figure.name)] = {{"value", figure.value}, {"unit", figure.unit}};
  }
  Json outputs = Json::array();
  for (const NamedArray& output : result.outputs) {
    const std::string& file = arguments.outputs.at(output.name);
    outputs.push_back({{"name", output.name},
                       {"dtype", to_string(output.array.dtype())},
                       {"shape", output.array.shape().extents()},
                       {"file", file.empty() ? Json() : Json(file)},
                       {"first_elements", first_elements_json(output.array)}});
  }
  return {{"pipeline", record.name},
          {"device", backend.name()},
          {"device_name", backend.device_name()},
          {"notice", backend.notice()},
          {"seconds", result.seconds},
          {"steps", steps},
          {"figures", figures},
          {"outputs", outputs}};
}

void run_pipeline(const PipelineRecord& record, const Arguments& arguments, bool json) {
  const DeviceChoice device = from_usage([&] { return parse_device(arguments.device); });
  std::vector<NamedValue> params;
  for (const ParamSpec& spec : record.params) {
    if (const std::string& text = arguments.params.at(spec.name); !text.empty()) {
      params.push_back({spec.name, from_usage([&] {
                          return check_param(record.name, spec, parse_value(spec, text));
                        })});
    }
  }
  std::list<std::pair<std::string_view, OutputFile>> files;
  for (const auto& [name, path] : arguments.outputs) {
    if (!path.empty()) {
      files.emplace_back(std::piecewise_construct, std::tuple(name), std::tie(path));
    }
  }
  std::vector<NamedArray> inputs;
  for (const ArgSpec& spec : record.inputs) {
    if (const std::string& path = arguments.inputs.at(spec.name); !path.empty()) {
      inputs.push_back({spec.name, read_npy(path)});
    }
  }
  const Backend backend = open_backend(device);
  PipelineResult result;
  {
    ProgressBar progress;
    result = record.run(backend, inputs, params, [&](double fraction, std::string_view what) {
      progress.show(fraction, what);
      return true;
    });
  }
  for (auto& [name, file] : files) {
    const auto output = std::find_if(result.outputs.begin(),
                                     result.outputs.end(),
                                     [&](const NamedArray& array) { return array.name == name; });
    write_npy(file, output->array);
  }
  for (auto& [name, file] : files) {
    file.commit();
  }
  if (json) {
    print_json(to_json(record, backend, result, arguments));
  } else {
    print_result(record, backend, result);
  }
}

std::string option_name(std::string_view name) {
  std::string option = "--" + std::string(name);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

std::string example_of(const PipelineRecord& record) {
  std::string example = fmt::format("ingot pipeline {}", record.name);
  for (const ArgSpec& input : record.inputs) {
    if (!input.optional) {
      example += fmt::format(" {} {}.npy", option_name(input.name), input.name);
    }
  }
  return example + fmt::format(" -o {}.npy", record.outputs.front().name);
}

void add_pipeline_command(CLI::App& parent, const PipelineRecord& record, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {std::string(record.summary), {}, {example_of(record)}};
  CLI::App& command = add_command(parent, std::string(record.name), help, common);
  const auto text_of = [](std::string_view summary) { return std::string(summary); };
  for (const ArgSpec& spec : record.inputs) {
    command.add_option(option_name(spec.name), arguments->inputs[spec.name], text_of(spec.summary))
        ->required(!spec.optional)
        ->type_name("FILE");
  }
  for (const ParamSpec& spec : record.params) {
    CLI::Option* option = command.add_option(
        option_name(spec.name), arguments->params[spec.name], text_of(spec.summary));
    std::string words(spec.choices);
    std::replace(words.begin(), words.end(), ' ', '|');
    option->required(spec.fallback.empty())->type_name(words.empty() ? "VALUE" : words);
    if (spec.fallback != "none") {
      option->default_str(std::string(spec.fallback));
    }
  }
  for (const ArgSpec& spec : record.outputs) {
    const bool first = &spec == &record.outputs.front();
    command
        .add_option((first ? "-o," : "") + option_name(spec.name),
                    arguments->outputs[spec.name],
                    text_of(spec.summary))
        ->type_name("FILE");
  }
  command.add_option("--device", arguments->device, kDeviceHelp)
      ->type_name(kDeviceValue)
      ->capture_default_str();
  command.callback(
      [arguments, &record, &common] { run_pipeline(record, *arguments, common.json); });
}

}  // namespace

void add_pipeline(CLI::App& app, Common& common) {
  CLI::App* pipeline = app.add_subcommand("pipeline", "Jobs of several steps");
  pipeline->require_subcommand(1);
  std::string examples = "\nExamples:\n  ingot pipeline list";
  for (const PipelineRecord* record : pipelines()) {
    examples += "\n  " + example_of(*record);
  }
  pipeline->footer(examples);
  const Help help = {"List the pipelines and their steps", {}, {"ingot pipeline list"}};
  CLI::App& list_command = add_command(*pipeline, "list", help, common);
  list_command.callback([&common] { list(common.json); });
  for (const PipelineRecord* record : pipelines()) {
    add_pipeline_command(*pipeline, *record, common);
  }
}

}  // namespace ingot::cli
