#include "cli/decision.hpp"

#include "fmt/format.h"

#include "planner/document.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using health::Verdict;

fmt::text_style style_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return fmt::fg(fmt::terminal_color::green);
    case Verdict::kWarn:
      return fmt::fg(fmt::terminal_color::yellow);
    case Verdict::kBlock:
      break;
  }
  return fmt::fg(fmt::terminal_color::red);
}

}  // namespace

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return 0;
    case Verdict::kWarn:
      return 3;
    case Verdict::kBlock:
      break;
  }
  return 4;
}

planner::WorkloadDescription read_workload(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  const std::string text = planner::read_text(path);
  return planner::parse_workload(std::string_view(text), path);
}

Json json_of(const health::Decision& decision) {
  Json findings = Json::array();
  for (const health::Finding& finding : decision.findings) {
    findings.push_back({{"code", finding.code},
                        {"severity", to_string(finding.severity)},
                        {"message", finding.message}});
  }
  Json undecided = Json::array();
  for (const health::Undecided& rule : decision.undecided) {
    undecided.push_back({{"code", rule.code}, {"missing", rule.missing}});
  }
  return {{"verdict", to_string(decision.verdict)},
          {"findings", findings},
          {"undecided", undecided},
          {"guidance", decision.guidance}};
}

std::string text_of(const health::Decision& decision, std::FILE* stream) {
  std::string text;
  const auto label = [&](Verdict verdict) {
    return styled(to_string(verdict), style_of(verdict), stream);
  };
  for (const health::Finding& finding : decision.findings) {
    text += fmt::format("{}: {}: {}\n", label(finding.severity), finding.code, finding.message);
  }
  if (decision.findings.empty()) {
    text += fmt::format("{}: no finding\n", label(Verdict::kPass));
  }
  for (const std::string& advice : decision.guidance) {
    text += fmt::format("  - {}\n", advice);
  }
  return text;
}

}  // namespace ingot::cli
