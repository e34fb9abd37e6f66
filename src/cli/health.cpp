// ingot health
#include <chrono>
#include <memory>

#include "cli/command.hpp"
#include "cli/decision.hpp"
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "health/sampler.hpp"
#include "health/snapshot_json.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using health::Gpu;
using health::Signal;
using health::SignalInfo;
using health::Snapshot;

struct Arguments {
  std::string workload;
  std::string snapshot;
};

std::string value_text(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) ? fmt::format("{:.0f}", value)
                                                                   : fmt::format("{:.2f}", value);
}
std::string value_text(const std::string& value) {
  return value;
}
template <class E>
std::string value_text(E value) {
  return std::string(to_string(value));
}

template <class T>
void add_row(Table& table,
             const std::string& name,
             const SignalInfo& info,
             const Signal<T>& signal) {
  if (!signal.known()) {
    table.add({name, faint("unknown"), "", faint(signal.source)});
    return;
  }
  table.add({name, strong(value_text(*signal.value)), std::string(info.unit), signal.source});
}

void print_signals(const Snapshot& snapshot) {
  Table table({"signal", ">value", "", "source"});
  for_each_signal(snapshot, [&](const SignalInfo& info, const auto& signal) {
    add_row(table, std::string(info.name), info, signal);
  });
  if (snapshot.gpus.empty()) {
    table.add({"gpus", faint("none"), "", faint(snapshot.gpu_source)});
  }
  for (size_t i = 0; i < snapshot.gpus.size(); ++i) {
    for_each_gpu_signal(snapshot.gpus[i], [&](const SignalInfo& info, const auto& signal) {
      add_row(table, fmt::format("gpus[{}].{}", i, info.name), info, signal);
    });
  }
  fmt::print("{}\n", table.text());
}

void check_health(const Arguments& arguments, const Common& common) {
  const planner::WorkloadDescription workload = read_workload(arguments.workload);
  const auto begin = std::chrono::steady_clock::now();
  const Snapshot snapshot =
      arguments.snapshot.empty() ? health::sample() : health::read_snapshot(arguments.snapshot);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const health::Decision decision = decide(snapshot, workload);
  if (common.json) {
    Json document = {{"snapshot", to_json(snapshot)}, {"sample_seconds", time.count()}};
    document.update(json_of(decision));
    print_json(document);
  } else {
    print_signals(snapshot);
    fmt::print("{}", text_of(decision, stdout));
    for (const health::Undecided& rule : decision.undecided) {
      fmt::print("not decided: {}: unknown: {}\n", rule.code, fmt::join(rule.missing, ", "));
    }
  }
  if (const int code = exit_code_of(decision.verdict); code != 0) {
    throw Failed{code};
  }
}

}  // namespace

void add_health(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Read this machine's state, and say whether a workload should start on it",
      {"Nothing is run and no privileges are needed. A signal that the machine does not offer is\n"
       "unknown: it neither warns nor blocks, and the rules that need it are listed as undecided.",
       "Exit codes: 0 pass, 3 warn, 4 block; 1 and 2 as always."},
      {"ingot health",
       "ingot health --workload workload.json --json",
       "ingot health --snapshot recorded.json --workload workload.json"}};
  CLI::App& command = add_command(app, "health", help, common);
  command
      .add_option("--workload", arguments->workload, "What is to run, as for the planner: a file")
      ->type_name("FILE");
  command
      .add_option("--snapshot",
                  arguments->snapshot,
                  "Decide on a recorded state: what --json printed, or signals alone")
      ->type_name("FILE");
  command.callback([arguments, &common] { check_health(*arguments, common); });
}

}  // namespace ingot::cli
