#include "fmt/format.h"

#include "agents/markdown.hpp"
#include "agents/tables.hpp"
#include "catalogue/catalogue.hpp"
#include "planner/estimate.hpp"
#include "planner/examples.hpp"
#include "planner/machine.hpp"
#include "planner/route.hpp"

namespace ingot::agents {
namespace {

using planner::Placement;

std::string list_of(const std::vector<std::string_view>& lines) {
  std::string text;
  for (const std::string_view line : lines) {
    text += fmt::format("- {}\n", line);
  }
  return text;
}

std::string inputs_text() {
  MarkdownTable table({"field", "type", "is", "left out"});
  for (const planner::WorkloadField& field : planner::workload_fields()) {
    table.add(
        {code(field.name),
         std::string(field.type),
         fmt::format(
             "{}{}", field.summary, field.unit.empty() ? "" : fmt::format(" ({})", field.unit)),
         std::string(field.fallback)});
  }
  return table.text();
}

std::string states_text() {
  std::string text;
  for (const planner::State& state : planner::states()) {
    text += fmt::format("{}: {} - {}\n", state.id, state.name, state.summary);
    for (const planner::Branch& branch : state.branches) {
      text += fmt::format("  {} -> {}\n", branch.when, branch.to);
    }
    text += "\n";
  }
  text.pop_back();
  return text;
}

// What the router says of an example on the machine of the examples, with the prices that come with
// Ingot.
Placement route(const planner::WorkedExample& example) {
  constexpr double kGigabytes = 24;
  const planner::LocalMachine machine =
      planner::machine_of(planner::find_profile("m5"), kGigabytes);
  const planner::Router router(planner::PriceList::built_in(), machine, planner::today());
  return router.route(
      planner::complete(planner::parse_workload(example.workload, "example"), machine));
}

std::string path_of(const Placement& placement) {
  std::string text;
  for (const planner::Step& step : placement.path) {
    text += fmt::format("{} -> ", step.state);
  }
  return text + fmt::format("{} {}", placement.terminal->id, placement.terminal->name);
}

std::string cost_of(const Placement& placement) {
  if (!placement.cloud) {
    return "";
  }
  const planner::CloudPlan& cloud = *placement.cloud;
  std::string text = fmt::format("\n- cloud: {} x {} at {}, ${:.2f} an hour each",
                                 cloud.count,
                                 cloud.instance,
                                 cloud.provider,
                                 cloud.price.price);
  constexpr double kWorthTelling = 0.01;  // hours; an example need not say how much work it is
  if (cloud.hours >= kWorthTelling) {
    text += fmt::format(": {:.3g} h, ${:.0f}", cloud.hours, cloud.usd);
  }
  return text;
}

}  // namespace

std::string device_table() {
  MarkdownTable table({"profile",
                       "device",
                       ">memory, GB",
                       ">bandwidth, GB/s",
                       ">copy, GB/s",
                       ">f32, GFLOP/s",
                       ">launch, us"});
  for (const planner::DeviceProfile& profile : planner::profiles()) {
    table.add({code(profile.id),
               profile.name,
               profile.memory_gb > 0 ? fmt::format("{:.0f}", profile.memory_gb) : "",
               fmt::format("{:.0f}", profile.bandwidth.value * 1e-9),
               fmt::format("{:.0f}", profile.copy_bytes_per_second() * 1e-9),
               fmt::format("{:.0f}{}",
                           profile.f32_flops.value * 1e-9,
                           profile.f32_flops.assumed ? " (assumed)" : ""),
               fmt::format("{:.0f}", profile.launch_seconds.value * 1e6)});
  }
  return table.text();
}

std::string estimate_table() {
  constexpr const char* kProfiles[] = {"m5", "m4-max", "h100-sxm"};
  std::vector<std::string> headings = {"kernel", ">flops", ">bytes", ">flops a byte"};
  for (const char* profile : kProfiles) {
    headings.push_back(fmt::format(">{}, ms", profile));
  }
  MarkdownTable table(headings);
  for (const KernelRecord* record : catalogue()) {
    const planner::Work work = planner::work_of(*record, kSampleElements);
    std::vector<std::string> cells = {code(record->id),
                                      fmt::format("{:.3g}", work.cost.flops),
                                      fmt::format("{:.3g}", work.cost.bytes()),
                                      fmt::format("{:.2g}", work.cost.flops / work.cost.bytes())};
    for (const char* profile : kProfiles) {
      const planner::Estimate estimate = planner::estimate(work, planner::find_profile(profile));
      cells.push_back(
          fmt::format("{:.3g} ({})", estimate.seconds * 1e3, to_string(estimate.bound)));
    }
    table.add(cells);
  }
  return table.text();
}

std::string routing_machine() {
  return fmt::format(
      "`ingot route workload.json` decides; what follows is how. The workload is a JSON or TOML "
      "document. A field that is left out is filled in, and the answer says with what.\n\n{}\n\n"
      "The health gate comes first. Then every workload enters at S0 and takes, in each state, the "
      "first branch that holds, until it reaches a terminal state.\n\n```\n{}```\n\n"
      "`ingot route --diagram` prints the same as a Mermaid diagram.",
      inputs_text(),
      states_text());
}

std::string terminals() {
  std::string text;
  for (const planner::Terminal& terminal : planner::terminals()) {
    text += fmt::format(
        "{}**{} {}**: {}\n{}",
        text.empty() ? "" : "\n",
        terminal.id,
        terminal.name,
        terminal.advice,
        terminal.tell.empty() ? "" : fmt::format("Tell the user: \"{}\"\n", terminal.tell));
    text += "\n" + list_of(terminal.details) + list_of(terminal.warnings);
  }
  text.pop_back();
  return text;
}

std::string terminal_table() {
  MarkdownTable table({"terminal", "means"});
  for (const planner::Terminal& terminal : planner::terminals()) {
    table.add({fmt::format("{} {}", terminal.id, terminal.name), std::string(terminal.advice)});
  }
  return table.text();
}

std::string worked_examples() {
  std::string text = "For an Apple M5 with 24 GB and the prices that come with Ingot.\n";
  for (const planner::WorkedExample& example : planner::worked_examples()) {
    const Placement placement = route(example);
    text += fmt::format("\n**Example {}: {}**\n\n```json\n{}\n```\n\n- {}{}\n- {}\n",
                        example.number,
                        example.title,
                        example.workload,
                        path_of(placement),
                        cost_of(placement),
                        example.comment);
  }
  text.pop_back();
  return text;
}

}  // namespace ingot::agents
