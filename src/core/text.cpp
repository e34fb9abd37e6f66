#include "core/text.hpp"

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace ingot {

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? char(c + 'a' - 'A') : c;
  });
  return result;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? char(c + 'A' - 'a') : c;
  });
  return result;
}

// std::from_chars for double is missing from some standard libraries. strtod_l reads more than is
// meant here, so that its texts are looked at first.
std::optional<double> parse_real(std::string_view text) {
  static const locale_t kC = newlocale(LC_ALL_MASK, "C", nullptr);
  const std::string_view digits = text.substr(text.starts_with('-') || text.starts_with('+'));
  const bool is_word = digits == "inf" || digits == "nan";
  if (!is_word && (digits.find_first_not_of("+-.0123456789eE") != std::string_view::npos ||
                   digits.starts_with('-') || digits.starts_with('+'))) {
    return std::nullopt;
  }
  const std::string copy(text);
  char* end = nullptr;
  const double value = strtod_l(copy.c_str(), &end, kC);
  const bool whole = !copy.empty() && end == copy.c_str() + copy.size();
  return whole && (is_word || std::isfinite(value)) ? std::optional(value) : std::nullopt;
}

// One row of the table of prefixes at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

std::string suggestion(std::string_view wanted, const std::vector<std::string>& names) {
  constexpr size_t kFew = 8;
  if (names.empty()) {
    return "there are none";
  }
  const auto distance = [&](const std::string& name) { return edit_distance(wanted, name); };
  const std::string& nearest = *std::ranges::min_element(names, {}, distance);
  const std::string question = fmt::format("did you mean {}?", nearest);
  if (names.size() > kFew) {
    return question;
  }
  return fmt::format("{}there {} {}",
                     distance(nearest) <= wanted.size() / 2 ? question + " " : "",
                     names.size() == 1 ? "is" : "are",
                     fmt::join(names, ", "));
}

}  // namespace ingot
