// Replaces tokens of a text while everything between the tokens stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msl/module.hpp"

namespace ingot::msl {

/// Replacements in a text, token by token. Newlines and line markers lie between tokens, so what is
/// left keeps its file and line. A shorter replacement is padded with spaces, and a longer one
/// takes up those behind it, so that columns stay too where they can.
class Edits {
 public:
  explicit Edits(const LexedText& lexed) : lexed_(lexed), texts_(lexed.tokens.size()) {}

  bool is_edited(std::size_t token) const { return texts_[token].has_value(); }

  void replace(std::size_t token, std::string_view text);
  void blank(TokenRange range);

  /// `text` at the first token, spaces for the others.
  void replace(TokenRange range, std::string_view text);

  /// The text with all replacements made.
  std::string apply() const;

  /// Where each token stands in that text.
  std::vector<std::size_t> offsets() const;

 private:
  // Where the text goes on behind a token that is replaced.
  std::size_t end_of(std::size_t token) const;

  const LexedText& lexed_;
  std::vector<std::optional<std::string>> texts_;
};

}  // namespace ingot::msl
