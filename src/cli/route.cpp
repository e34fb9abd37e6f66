// ingot route
#include "planner/route.hpp"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <variant>

#include "cli/arguments.hpp"
#include "fmt/format.h"

#include "core/parallel.hpp"
#include "planner/estimate.hpp"
#include "planner/handover.hpp"
#include "planner/machine.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using planner::Placement;

struct Arguments {
  std::string file;
  std::string lines;
  bool diagram = false;
  std::string op, pipeline;
  Described described;
  std::vector<std::string> with;
  std::string emit, output, name, command, setup;
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

// The fields of --with NAME=VALUE.
planner::WorkloadDescription given_fields(const std::vector<std::string>& with) {
  std::string toml;
  for (const std::string& text : with) {
    const Assignment field = parse_assignment("--with", text);
    const bool word =
        field.name == "mlx_expressible" && field.value != "true" && field.value != "false";
    toml += fmt::format("{} = {}\n",
                        field.name,
                        word ? fmt::format("'{}'", field.value) : std::string(field.value));
  }
  return planner::workload_of(planner::read_toml(toml, "--with"), "--with");
}

// The profile that --op and --pipeline are estimated with: the calibrated one, else the rates that
// the machine is taken to have.
planner::DeviceProfile profile_of(const planner::LocalMachine& machine) {
  if (auto calibrated = planner::calibrated_profile(planner::calibration_directory())) {
    return *calibrated;
  }
  planner::DeviceProfile profile;
  profile.id = "this machine";
  profile.bandwidth = {machine.bytes_per_second, machine.rate_source, true};
  profile.copy_reach = {1, machine.rate_source, true};
  profile.f32_flops = {machine.flops_per_second, machine.rate_source, true};
  profile.f16_multiplier = {1, machine.rate_source, true};
  profile.bf16_multiplier = profile.f16_multiplier;
  profile.i8_multiplier = profile.f16_multiplier;
  return profile;
}

planner::Workload described(const Arguments& arguments, const Planner& planner) {
  return from_usage([&] {
    const planner::WorkloadDescription given = given_fields(arguments.with);
    if (!arguments.op.empty()) {
      const KernelRecord& kernel = planner::find_operation(arguments.op);
      const planner::Work work = planner::work_of(kernel, sample_of(kernel, arguments.described));
      return planner::workload_from(work, profile_of(planner.machine), planner.machine, given);
    }
    if (!arguments.pipeline.empty()) {
      const PipelineRecord& pipeline = find_pipeline(arguments.pipeline);
      return planner::workload_from(pipeline,
                                    sample_of(pipeline, arguments.described),
                                    profile_of(planner.machine),
                                    planner.machine,
                                    given);
    }
    if (!arguments.with.empty()) {
      throw UsageError(
          "--with", "goes with --op or --pipeline", "write the field into the workload");
    }
    if (arguments.file.empty()) {
      throw UsageError("route", "a workload is missing", "name a file, or - for standard input");
    }
    const std::string name = arguments.file == "-" ? "standard input" : arguments.file;
    return planner::complete(planner::parse_workload(planner::read_text(arguments.file), name),
                             planner.machine);
  });
}

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

// Enough digits for people; --json has all.
std::string short_text(const Value& value) {
  const double* number = std::get_if<double>(&value.get());
  return number != nullptr ? fmt::format("{:.6g}", *number) : to_text(value);
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
        {std::string(assumption.field), short_text(assumption.value), faint(assumption.source)});
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

void emit(const Placement& placement,
          const planner::Workload& workload,
          const Arguments& arguments) {
  const std::vector<planner::EmittedFile> files = from_usage([&] {
    if (arguments.output.empty()) {
      throw UsageError("--emit", "the directory is missing", "name a new one with -o");
    }
    planner::HandOverOptions options;
    options.name = arguments.name.empty() ? options.name : arguments.name;
    options.command = arguments.command.empty() ? options.command : arguments.command;
    options.setup = arguments.setup.empty() ? options.setup : arguments.setup;
    return planner::hand_over(placement, workload, planner::parse_engine(arguments.emit), options);
  });
  planner::write_directory(arguments.output, files);
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
  const Planner planner;
  const planner::Workload workload = described(arguments, planner);
  const Placement placement = planner.router.route(workload);
  if (!arguments.emit.empty()) {
    emit(placement, workload, arguments);
  }
  if (json) {
    print_json(planner::to_json(placement));
    return;
  }
  print_placement(placement);
  if (!arguments.emit.empty()) {
    fmt::print("\nWritten to {}: see its README.md\n", arguments.output);
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
                      "ingot route --op matmul --shape 50000x50000x50000",
                      "ingot route --pipeline vector-search --shape 1000000x128x1000 --param k=10",
                      "ingot route workload.json --emit skypilot -o fleet",
                      "ingot route --diagram"}};
  CLI::App& command = add_command(app, "route", help, common);
  CLI::Option* file =
      command.add_option("file", arguments->file, "The workload: a JSON or TOML file, or -")
          ->type_name("FILE");
  CLI::Option* lines =
      command
          .add_option(
              "--jsonl", arguments->lines, "Answer each line of a file, or of -, with one line")
          ->type_name("FILE");
  CLI::Option* op =
      command
          .add_option(
              "--op", arguments->op, "A kernel instead of a file: softmax, matmul, REDUCE_SUM")
          ->type_name(kKernelValue);
  CLI::Option* pipeline =
      command.add_option("--pipeline", arguments->pipeline, "A pipeline instead of a file")
          ->type_name(kPipelineValue);
  add_described(command, arguments->described);
  add_repeated(
      command, "--with", arguments->with, "FIELD=VALUE: sets a field of --op or --pipeline");
  command.add_option("--emit", arguments->emit, "Write the files that this engine runs")
      ->type_name("skypilot|slurm|terraform|script");
  command.add_option("-o,--output", arguments->output, "The directory for them, new or empty")
      ->type_name("DIR");
  command.add_option(
      "--name", arguments->name, "Of the job that they describe (default: ingot-job)");
  command.add_option(
      "--command", arguments->command, "Shell command of one shard: see DIR/README.md");
  command.add_option(
      "--setup", arguments->setup, "Shell command run once on each machine (default: ./setup.sh)");
  command.add_flag("--diagram", arguments->diagram, "Print the state diagram, in Mermaid");
  file->excludes(lines)->excludes(op)->excludes(pipeline);
  op->excludes(pipeline)->excludes(lines);
  pipeline->excludes(lines);
  command.callback([arguments, &common] { route(*arguments, common.json); });
}

}  // namespace ingot::cli
