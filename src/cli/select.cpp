// ingot select
#include "select/select.hpp"

#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "core/text.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::string operation;
  std::vector<std::string> shapes, params;
  std::string size, dtype;
};

Work parse_work(const Arguments& arguments) {
  Work work;
  if (!arguments.size.empty()) {
    work.shapes.push_back({parse_count("--size", arguments.size)});
  }
  for (const std::string& text : arguments.shapes) {
    std::vector<int64_t> extents;
    for (const std::string_view extent : split_words(text, "x")) {
      extents.push_back(parse_count("--shape", extent));
    }
    work.shapes.push_back(from_usage([&] { return Shape(extents); }));
  }
  if (!arguments.dtype.empty()) {
    work.dtype = from_usage([&] { return parse_dtype(arguments.dtype); });
  }
  for (const std::string& text : arguments.params) {
    const auto [name, value] = parse_assignment("--param", text);
    work.params.emplace_back(name, value);
  }
  return work;
}

std::string names_of(const Rule& rule) {
  return fmt::format("{}", fmt::join(rule.operations, ", "));
}

void list(bool json) {
  Table table({"operation", "condition", "kernels", "", ""});
  Json rows = Json::array();
  for (const Rule& rule : routing()) {
    const std::string kernels = (rule.adds ? "+ " : "") + to_string(rule.steps);
    table.add(
        {names_of(rule), std::string(rule.condition.text()), kernels, std::string(rule.note)});
    rows.push_back({{"operations", rule.operations},
                    {"condition", rule.condition.text()},
                    {"kernels", kernels},
                    {"served", is_served(rule)},
                    {"note", rule.note}});
  }
  if (json) {
    print_json({{"rows", rows}});
  } else {
    fmt::print("{}", table.text());
  }
}

void print_selection(const Selection& selection) {
  fmt::print("{}: {}\n", strong(std::string(selection.operation)), selection.reason);
  Table table({"", "", ""});
  for (const Selection::Choice& choice : selection.choices) {
    const bool first = &choice == &selection.choices.front();
    table.add(
        {first                                     ? ""
         : choice.step.joint == Step::Joint::kThen ? "then"
                                                   : "with",
         std::string(choice.step.kernel),
         choice.record == nullptr ? "not in this version" : std::string(choice.record->summary)});
  }
  fmt::print("{}", table.text());
  for (const Rule* rule : selection.rules) {
    if (!rule->note.empty()) {
      fmt::print("  ({})\n", rule->note);
    }
  }
}

Json to_json(const Selection& selection) {
  Json kernels = Json::array();
  for (const Selection::Choice& choice : selection.choices) {
    kernels.push_back(
        {{"id", choice.step.kernel},
         {"joint", choice.step.joint == Step::Joint::kThen ? "then" : "beside"},
         {"in_this_version", choice.record != nullptr},
         {"summary", choice.record == nullptr ? Json() : Json(choice.record->summary)}});
  }
  std::string note;
  for (const Rule* rule : selection.rules) {
    note += fmt::format("{}{}", note.empty() || rule->note.empty() ? "" : "; ", rule->note);
  }
  return {{"operation", selection.operation},
          {"kernels", kernels},
          {"served", selection.is_served()},
          {"reason", selection.reason},
          {"note", note}};
}

void run_select(const Arguments& arguments, bool json) {
  if (arguments.operation.empty()) {
    list(json);
    return;
  }
  const Selection selection =
      from_usage([&] { return select(arguments.operation, Facts(parse_work(arguments))); });
  if (json) {
    print_json(to_json(selection));
  } else {
    print_selection(selection);
  }
}

}  // namespace

void add_select(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  std::string facts = "--param gives what the choice depends on, over what the shapes tell:";
  for (const FactSpec& fact : fact_specs()) {
    facts += fmt::format("\n  {:<18} {}{}",
                         fact.name,
                         fact.summary,
                         fact.fallback.empty() ? "" : fmt::format(" (else {})", fact.fallback));
  }
  const Help help = {"Choose the kernels for an operation",
                     {"Without an operation, the whole routing table is listed.", facts},
                     {"ingot select",
                      "ingot select sort --size 10M",
                      "ingot select attention --shape 1x32x4096x128 --param position_encoding=rope",
                      "ingot select top_k --size 1M --param k=10"}};
  CLI::App& command = add_command(app, "select", help, common);
  command.add_option("operation", arguments->operation, "Operation, such as softmax or sort")
      ->type_name(kOperationValue);
  command.add_option("--size", arguments->size, "Elements of the only input: 1000000, 10M")
      ->type_name("N");
  add_repeated(command, "--shape", arguments->shapes, "Shape of an input; repeat it for each")
      ->type_name("4096x128");
  command.add_option("--dtype", arguments->dtype, "Of the first input")->type_name("DTYPE");
  add_repeated(command, "--param", arguments->params, "Fact; repeat it for each")
      ->type_name("NAME=VALUE");
  command.callback([arguments, &common] { run_select(*arguments, common.json); });
}

}  // namespace ingot::cli
