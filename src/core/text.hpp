// Reading small texts: lists of words, the shapes in records, names that are almost right.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot {

/// The first word of `text`, which loses it; empty when there is none.
inline std::string_view take_word(std::string_view& text, std::string_view separators = " ") {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

/// The pieces of `text` between blanks.
inline std::vector<std::string_view> split_words(std::string_view text,
                                                 std::string_view separators = " ") {
  std::vector<std::string_view> words;
  for (std::string_view word = take_word(text, separators); !word.empty();
       word = take_word(text, separators)) {
    words.push_back(word);
  }
  return words;
}

inline bool contains_word(std::string_view text, std::string_view word) {
  std::string_view candidate = take_word(text);
  while (!candidate.empty() && candidate != word) {
    candidate = take_word(text);
  }
  return !candidate.empty();
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
