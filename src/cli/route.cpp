// ingot route
#include "planner/route.hpp"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "core/parallel.hpp"
#include "planner/machine.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using planner::Placement;

struct Arguments {
  std::string file;
  std::string lines;
  bool diagram = false;
};

struct Planner {
  planner::LocalMachine machine = planner::this_machine();
  planner::Router router =
      planner::Router(planner::load_prices(planner::user_price_file(), planner::today()),
                      machine,
                      planner::today());

  Placement route(const planner::WorkloadDescription& description) const {
    return router.route(planner::complete(description, machine));
  }
};

std::string hours_text(double hours) {
  return hours * 3600 < 1000 ? human_time(hours * 3600) : fmt::format("{:.3g} h", hours);
}

std::string dollars_text(double usd) {
  return usd == 0 ? "-" : fmt::format("${:.{}f}", usd, usd < 0.995 ? 2 : 0);
}

void print_list(std::string_view heading, const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return;
  }
  fmt::print("\n{}\n", strong(heading));
  for (const std::string& text : texts) {
    fmt::print("  - {}\n", text);
  }
}

void print_costs(const Placement& placement) {
  Table table({"", "", ">time", ">cost", ""});
  table.add({"here", "", hours_text(placement.local_hours), "-", ""});
  if (placement.cloud) {
    const planner::CloudPlan& cloud = *placement.cloud;
    table.add({cloud.provider,
               fmt::format("{} x {}", cloud.count, cloud.instance),
               hours_text(cloud.hours),
               dollars_text(cloud.usd),
               fmt::format("at ${:.2f} an hour each, {}",
                           cloud.price.price,
                           planner::to_string(cloud.price.date))});
  }
  fmt::print("\n{}\n{}", strong("Time and cost"), table.text());
}

void print_placement(const Placement& placement) {
  fmt::print("{}  {}\n",
             strong(fmt::format("{} {}", placement.terminal->id, placement.terminal->name)),
             placement.terminal->advice);
  if (!placement.tell.empty()) {
    fmt::print("{}\n", placement.tell);
  }
  Table path({"", "", "", ""});
  for (const planner::Step& step : placement.path) {
    path.add({std::string(step.state),
              fmt::format("-> {}", step.to),
              std::string(step.predicate),
              faint(step.facts)});
  }
  fmt::print("\n{}\n{}", strong("Path"), path.text());
  print_costs(placement);
  print_list("Next", {placement.terminal->details.begin(), placement.terminal->details.end()});
  print_list("Warnings", placement.warnings);
  std::vector<std::string> alternatives;
  for (const planner::Alternative& other : placement.alternatives) {
    alternatives.push_back(fmt::format("{} {}: {} ({}, {})",
                                       other.terminal->id,
                                       other.terminal->name,
                                       other.why,
                                       hours_text(other.hours),
                                       other.usd == 0 ? "no cost" : dollars_text(other.usd)));
  }
  print_list("Alternatives", alternatives);
  Table assumed({"", ">", ""});
  for (const planner::Assumption& assumption : placement.assumptions) {
    assumed.add(
        {std::string(assumption.field), to_text(assumption.value), faint(assumption.source)});
  }
  const std::string text = assumed.text();
  if (!text.empty()) {
    fmt::print("\n{}\n{}", strong("Assumed, as it was left out"), text);
  }
}

// The answers to whole lines of input, in their order.
class LineRouter {
 public:
  // Whether every line had an answer.
  bool run(int input, const std::string& name) {
    std::string rest;
    std::vector<char> piece(size_t{1} << 20);
    while (true) {
      const ssize_t got = read(input, piece.data(), piece.size());
      if (got < 0) {
        throw Error(ErrorCode::kIo, name, "cannot be read");
      }
      rest.append(piece.data(), static_cast<size_t>(got));
      // At the end of the input a last line may lack its newline.
      const size_t end = got == 0 ? rest.size() : rest.rfind('\n') + 1;
      answer(std::string_view(rest).substr(0, end));
      rest.erase(0, end);
      if (got == 0) {
        return failed_ == 0;
      }
    }
  }

 private:
  void answer(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      lines.push_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    std::vector<std::string> answers(lines.size());
    std::atomic<int> failed = 0;
    parallel_for(static_cast<int64_t>(lines.size()), 64, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto line = static_cast<size_t>(i);
        try {
          const planner::Json document = planner::read_json(lines[line], "line");
          answers[line] = planner::json_text(planner_.route(planner::workload_of(document, "")));
        } catch (const Error& error) {
          answers[line] = json_of(error).dump(-1, ' ', false, Json::error_handler_t::replace);
          ++failed;
        }
      }
    });
    failed_ += failed;
    for (const std::string& line : answers) {
      fmt::print("{}\n", line);
    }
    std::fflush(stdout);
  }

  const Planner planner_;
  int64_t failed_ = 0;
};

void route_lines(const std::string& file) {
  const int input = file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (input < 0) {
    throw Error(ErrorCode::kNotFound, file, "cannot be opened");
  }
  const bool complete = LineRouter().run(input, file);
  if (input != STDIN_FILENO) {
    close(input);
  }
  if (!complete) {
    throw Failed();
  }
}

void route(const Arguments& arguments, bool json) {
  if (arguments.diagram) {
    if (json) {
      print_json({{"mermaid", planner::mermaid_diagram()}});
    } else {
      fmt::print("{}", planner::mermaid_diagram());
    }
    return;
  }
  if (!arguments.lines.empty()) {
    route_lines(arguments.lines);
    return;
  }
  if (arguments.file.empty()) {
    throw UsageError("route", "a workload is missing", "name a file, or - for standard input");
  }
  const std::string text = planner::read_text(arguments.file);
  const Planner planner;
  const Placement placement = from_usage([&] {
    return planner.route(
        planner::parse_workload(text, arguments.file == "-" ? "standard input" : arguments.file));
  });
  if (json) {
    print_json(planner::to_json(placement));
  } else {
    print_placement(placement);
  }
}

std::string fields_help() {
  std::string text = "Fields of a workload, JSON or TOML; what is left out is filled in:";
  for (const planner::WorkloadField& field : planner::workload_fields()) {
    text += fmt::format("\n  {:<18} {}{}{} [{}]",
                        field.name,
                        field.summary,
                        field.unit.empty() ? "" : ", ",
                        field.unit,
                        field.fallback);
  }
  return text;
}

}  // namespace

void add_route(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {"Where a workload should run: the machine at hand, a framework or the cloud",
                     {fields_help()},
                     {"ingot route workload.json",
                      "echo 'item_count = 4_294_967_296' | ingot route - --json",
                      "ingot route --jsonl workloads.jsonl",
                      "ingot route --diagram"}};
  CLI::App& command = add_command(app, "route", help, common);
  command.add_option("file", arguments->file, "The workload: a JSON or TOML file, or -")
      ->type_name("FILE");
  command
      .add_option("--jsonl", arguments->lines, "Answer each line of a file, or of -, with one line")
      ->type_name("FILE");
  command.add_flag("--diagram", arguments->diagram, "Print the state diagram, in Mermaid");
  command.callback([arguments, &common] { route(*arguments, common.json); });
}

}  // namespace ingot::cli
