// What two texts have in common, and what not.
#pragma once

#include <string>
#include <string_view>

namespace ingot::agents {

/// The lines that make `after` of `before` as `diff -u` writes them, with three lines of context;
/// empty where both are the same. The names stand in the two heading lines.
std::string unified_diff(std::string_view before,
                         std::string_view after,
                         std::string_view before_name,
                         std::string_view after_name);

}  // namespace ingot::agents
