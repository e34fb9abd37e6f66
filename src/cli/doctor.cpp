// ingot doctor
#include "health/doctor.hpp"

#include "cli/command.hpp"
#include "fmt/format.h"

#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using health::Check;
using health::CheckState;

std::string state_text(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return styled(to_string(state), fmt::fg(fmt::terminal_color::green));
    case CheckState::kMissing:
      return faint(to_string(state));
    case CheckState::kBroken:
      break;
  }
  return styled(to_string(state), fmt::fg(fmt::terminal_color::red));
}

void print_checks(const std::vector<Check>& checks) {
  Table table({"", "", "found", "why"});
  for (const Check& check : checks) {
    table.add({state_text(check.state), check.name, check.found, check.why});
  }
  fmt::print("{}", table.text());
  for (const Check& check : checks) {
    if (!check.remedy.empty()) {
      fmt::print("\n{}: {}", strong(check.name), check.remedy);
    }
  }
  fmt::print("\n");
}

void run_doctor(const Common& common) {
  const std::vector<Check> checks = health::diagnose();
  const bool well = all_well(checks);
  if (common.json) {
    Json list = Json::array();
    for (const Check& check : checks) {
      list.push_back({{"name", check.name},
                      {"state", to_string(check.state)},
                      {"found", check.found},
                      {"why", check.why},
                      {"remedy", check.remedy}});
    }
    print_json({{"well", well}, {"checks", list}});
  } else {
    print_checks(checks);
  }
  if (!well) {
    throw Failed();
  }
}

}  // namespace

void add_doctor(CLI::App& app, Common& common) {
  const Help help = {
      "Tell what of Ingot works on this machine, and how to mend what does not",
      {"What is missing is optional: the code path that needs it is off. What is broken has to be\n"
       "mended; then the exit code is 1."},
      {"ingot doctor", "ingot doctor --json"}};
  CLI::App& command = add_command(app, "doctor", help, common);
  command.callback([&common] { run_doctor(common); });
}

}  // namespace ingot::cli
