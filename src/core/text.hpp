// Reading small texts: lists of words, the shapes in records, names that are almost right.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot {

/// The pieces of `text` between blanks.
inline std::vector<std::string_view> split_words(std::string_view text,
                                                 std::string_view separators = " ") {
  std::vector<std::string_view> words;
  while (true) {
    const size_t begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) {
      return words;
    }
    const size_t end = text.find_first_of(separators, begin);
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
}

inline bool contains_word(std::string_view text, std::string_view word) {
  for (const std::string_view candidate : split_words(text)) {
    if (candidate == word) {
      return true;
    }
  }
  return false;
}

/// "[..., n]" -> {"...", "n"}.
inline std::vector<std::string_view> shape_names(std::string_view shape) {
  return split_words(shape, "[], ");
}

/// With the letters A-Z, or a-z, in the other case; other bytes stay.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

/// The number that the whole text is: "2", "-0.5", "1e-3", and infinity and NaN as "inf" and "nan".
/// Nothing for any other text, blanks and hexadecimal digits included, and for a number beyond the
/// largest double. A point is the decimal point in every locale.
std::optional<double> parse_real(std::string_view text);

/// Levenshtein's: how many characters must be inserted, removed or replaced to make `b` of `a`.
size_t edit_distance(std::string_view a, std::string_view b);

/// What to say of a name that is none of `names`: "did you mean softmax?", with all of them where
/// they are few.
std::string suggestion(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace ingot
