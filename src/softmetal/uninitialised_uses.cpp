#include "softmetal/uninitialised_uses.hpp"

#include <algorithm>
#include <utility>

#include "softmetal/strict/compiler_messages.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
namespace {

Place place_of(const strict::CompilerMessage::Part& part) {
  return {std::string(part.file), part.position.line, part.position.column};
}

// "variable 'x' is used uninitialized whenever ..." stands at the condition; the read is in a note.
Finding finding_of(const strict::CompilerMessage& message, const std::string& kernel) {
  const std::string_view text = message.main.text;
  const std::size_t flag = text.rfind(" [-W");
  Finding finding;
  finding.check = Check::kUninitialised;
  finding.kernel = kernel;
  finding.is_advice = text.substr(std::min(flag, text.size())) != " [-Wuninitialized]";
  finding.message = text.substr(0, flag);
  finding.place = place_of(message.main);
  const auto use = std::ranges::find_if(message.notes, [](const auto& note) {
    return note.text.starts_with("uninitialized use occurs here");
  });
  if (use != message.notes.end()) {
    finding.message += " at " + to_string(finding.place);
    finding.place = place_of(*use);
  }
  finding.remedy = "give the variable a value where it is declared";
  return finding;
}

}  // namespace

std::vector<Finding> uninitialised_uses(std::string_view warnings, const std::string& kernel) {
  std::vector<Finding> findings;
  for (const strict::CompilerMessage& warning : strict::read_warnings(warnings)) {
    Finding finding = finding_of(warning, kernel);
    const auto is_same = [&](const Finding& other) {
      return other.place == finding.place && other.message == finding.message;
    };
    if (!Toolchain::get().owns(finding.place.file) && std::ranges::none_of(findings, is_same)) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace softmetal
