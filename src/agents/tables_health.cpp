#include "fmt/format.h"

#include "agents/markdown.hpp"
#include "agents/tables.hpp"
#include "health/gate.hpp"
#include "health/snapshot.hpp"
#include "health/watch_rules.hpp"

namespace ingot::agents {
namespace {

std::string range_of(const health::SignalInfo& info) {
  return info.unit.empty() ? "" : fmt::format(" ({})", info.unit);
}

}  // namespace

std::string health_intro() {
  std::string signals;
  const health::Snapshot snapshot;
  health::for_each_signal(snapshot, [&](const health::SignalInfo& info, const auto&) {
    signals += fmt::format("{}{}{}", signals.empty() ? "" : ", ", code(info.name), range_of(info));
  });
  return fmt::format(
      "`ingot health` reads the machine's state without privileges and without starting anything, "
      "in less than 50 ms. Run it before every workload that is worth planning. Its signals: {}, "
      "and those of NVIDIA GPUs. What a machine does not offer is unknown: it neither warns nor "
      "blocks.",
      signals);
}

std::string health_gate() {
  MarkdownTable table({"finding", "verdict", "condition", "tell the user"});
  for (const health::GateRule& rule : health::gate_rules()) {
    table.add({code(rule.code),
               std::string(to_string(rule.severity)),
               condition_text(rule),
               std::string(rule.message)});
  }
  std::string guidance;
  for (const std::string_view line : health::cooling_guidance()) {
    guidance += fmt::format("\n- {}", line);
  }
  return fmt::format(
      "`ingot health --workload workload.json` decides before the compute routing state machine "
      "is entered. A block ends it; of the warnings, all that apply are told, and work proceeds. "
      "Exit codes: 0 pass, 3 warn, 4 block.\n\n{}\n\nWhen heat is the trouble, tell the user:\n{}",
      table.text(),
      guidance);
}

std::string health_watch() {
  MarkdownTable table({"event", "condition", "message"});
  for (const health::WatchRule& rule : health::watch_rules()) {
    table.add({code(rule.code), condition_text(rule), std::string(rule.message)});
  }
  return fmt::format(
      "For work of more than a minute: `ingot watch -- COMMAND` passes the gate, runs the command "
      "and looks at the machine every 30 seconds, every 2 minutes when it takes more than ten. It "
      "tells each crossing of a threshold once and never ends the work.\n\n{}",
      table.text());
}

}  // namespace ingot::agents
