// What is wrong with a source, before it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

enum class Severity : std::uint8_t { kError, kWarning };

/// One problem of a source.
struct Diagnostic {
  Place place;
  Severity severity = Severity::kError;
  std::string rule;     // what it breaks, for machines: "address-space", "recursion", "syntax", ...
  std::string message;  // one sentence, about this place
  std::string reason;   // why that is so, or what to do about it; may be ""

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// Reads "file:line:column" or "file:line"; nothing from a text without a line.
std::optional<Place> parse_place(std::string_view text);

/// "file:line:column: error: message (reason) [rule]".
std::string to_string(const Diagnostic& diagnostic);

}  // namespace softmetal
