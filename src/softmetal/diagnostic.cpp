#include "softmetal/diagnostic.hpp"

#include <charconv>

#include "fmt/format.h"

namespace softmetal {
namespace {

// Takes ":12" from the end of a text.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  std::uint32_t number = 0;
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || last != end) {
    return std::nullopt;
  }
  text = text.substr(0, colon);
  return number;
}

}  // namespace

std::optional<Place> parse_place(std::string_view text) {
  const auto last = take_number(text);
  if (!last) {
    return std::nullopt;
  }
  const auto before = take_number(text);
  return Place{std::string(text), before ? *before : *last, before ? *last : 0};
}

std::string to_string(const Diagnostic& diagnostic) {
  const char* severity = diagnostic.severity == Severity::kError ? "error" : "warning";
  const std::string reason =
      diagnostic.reason.empty() ? std::string() : fmt::format(" ({})", diagnostic.reason);
  return fmt::format("{}: {}: {}{} [{}]",
                     to_string(diagnostic.place),
                     severity,
                     diagnostic.message,
                     reason,
                     diagnostic.rule);
}

}  // namespace softmetal
