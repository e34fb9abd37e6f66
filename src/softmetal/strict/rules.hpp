// What the rules that strict mode's diagnostics name are about.
#pragma once

#include <span>
#include <string_view>

namespace softmetal::strict {

struct Rule {
  std::string_view id;       // Diagnostic::rule
  std::string_view summary;  // a sentence
  std::string_view help;     // why, and what to do
};

/// All rules of strict mode, in a fixed order. Diagnostics of find_problems may also have the rule
/// "compile".
std::span<const Rule> rules();

}  // namespace softmetal::strict
