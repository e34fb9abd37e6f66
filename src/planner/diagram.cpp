#include "fmt/format.h"

#include "planner/states.hpp"

namespace ingot::planner {

std::string mermaid_diagram() {
  // Mermaid ends a label at ';' and reads '<' as markup.
  const auto label = [](std::string_view when) {
    std::string text;
    for (const char c : when) {
      text += c == '<' ? "#lt;" : c == '>' ? "#gt;" : std::string(1, c);
    }
    return text;
  };
  std::string text = "stateDiagram-v2\n  [*] --> S0\n";
  for (const State& state : states()) {
    text += fmt::format("  {0}: {0} {1}\n", state.id, state.name);
  }
  for (const Terminal& terminal : terminals()) {
    text += fmt::format("  {0}: {0} {1}\n", terminal.id, terminal.name);
  }
  for (const State& state : states()) {
    int order = 0;
    for (const Branch& branch : state.branches) {
      text +=
          fmt::format("  {} --> {}: {}. {}\n", state.id, branch.to, ++order, label(branch.when));
    }
  }
  for (const Terminal& terminal : terminals()) {
    text += fmt::format("  {} --> [*]\n", terminal.id);
  }
  return text;
}

}  // namespace ingot::planner
