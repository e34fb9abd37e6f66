// What the rules that reports name are about.
#pragma once

#include <span>
#include <string_view>

#include "softmetal/strict/rules.hpp"

namespace softmetal::tool {

using Rule = strict::Rule;

/// All rules, in a fixed order: "compile", the checks, and those of strict mode.
std::span<const Rule> rules();

/// The position in rules(). Throws ingot::Error(kInternal) for an id that is none.
std::size_t rule_index(std::string_view id);

/// Whether only strict mode has the rule: softmetal runs what breaks it.
bool is_strict(std::string_view id);

}  // namespace softmetal::tool
