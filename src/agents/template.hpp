// Texts with named slots.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ingot::agents {

using Slots = std::map<std::string, std::string, std::less<>>;

/// `text` with each {{name}} replaced by the slot of that name. What is filled in is not looked
/// through again. Throws Error(kInternal) for a slot that has no text, or is not closed.
std::string fill(std::string_view text, const Slots& slots);

/// A file below agents/ as it was when the program was built. Throws Error(kInternal) for another.
std::string_view template_text(std::string_view path);

}  // namespace ingot::agents
