#include "msl/literals.hpp"

#include <fmt/format.h>

namespace ingot::msl {

std::optional<std::string> cpp_literal(std::string_view number) {
  if (number.substr(0, 2) == "0x" || number.substr(0, 2) == "0X") {
    return std::nullopt;
  }
  const auto ends_with = [&](std::string_view lower, std::string_view upper) {
    return number.size() > lower.size() && (number.ends_with(lower) || number.ends_with(upper));
  };
  if (ends_with("bf", "BF")) {
    return fmt::format("bfloat({}f)", number.substr(0, number.size() - 2));
  }
  if (ends_with("h", "H")) {
    return fmt::format("half({}f)", number.substr(0, number.size() - 1));
  }
  return std::nullopt;
}

bool is_real_without_suffix(std::string_view number) {
  const bool is_hex = number.starts_with("0x") || number.starts_with("0X");
  return number.find_first_of(is_hex ? "pP" : ".eE") != std::string_view::npos &&
         (number.back() == '.' || (number.back() >= '0' && number.back() <= '9'));
}

}  // namespace ingot::msl
