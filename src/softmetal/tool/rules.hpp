// What the rules that reports name are about.
#pragma once

#include <span>
#include <string_view>

namespace softmetal::tool {

struct Rule {
  std::string_view id;       // "race"
  std::string_view summary;  // a sentence
  std::string_view help;     // why it matters, and what to do
};

/// All rules, in a fixed order.
std::span<const Rule> rules();

/// The position in rules(). Throws ingot::Error(kInternal) for an id that is none.
std::size_t rule_index(std::string_view id);

}  // namespace softmetal::tool
