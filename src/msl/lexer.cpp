#include "msl/lexer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace ingot::msl {
namespace {

// Longest first, so that the first match is the longest one.
constexpr std::array<std::string_view, 25> kOperators = {
    "<<=", ">>=", "...", "->*", "<=>", "::", "->", "++", "--", "<<", ">>", "<=", ">=",
    "==",  "!=",  "&&",  "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^="};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Bytes above 127 belong to identifiers written in UTF-8.
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return is_word_start(c) || is_digit(c);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

bool is_string_prefix(std::string_view word) {
  return word == "u8" || word == "u" || word == "U" || word == "L";
}

bool is_raw_prefix(std::string_view word) {
  return !word.empty() && word.back() == 'R' &&
         (word.size() == 1 || is_string_prefix(word.substr(0, word.size() - 1)));
}

class Lexer {
 public:
  Lexer(std::string text, std::string name) {
    out_.text = std::move(text);
    text_ = out_.text;
    out_.files.push_back(std::move(name));
    if (text_.size() >= std::numeric_limits<std::uint32_t>::max()) {
      throw compile_error(here(), "the text has 4 GiB or more", "split the file");
    }
  }

  LexedText run() {
    while (position_ < text_.size()) {
      next();
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  bool at_end() const { return position_ >= text_.size(); }

  bool starts_with(std::string_view prefix) const {
    return text_.substr(position_, prefix.size()) == prefix;
  }

  void advance(std::size_t count = 1) {
    for (; count > 0 && !at_end(); --count) {
      if (text_[position_++] == '\n') {
        ++line_;
        line_start_ = position_;
      }
    }
  }

  std::uint32_t column() const { return static_cast<std::uint32_t>(position_ - line_start_ + 1); }

  Location here() const { return {out_.files[file_], line_, column()}; }

  void next() {
    const char c = peek();
    if (c == '\n') {
      advance();
      only_space_before_ = true;
    } else if (is_space(c)) {
      advance();
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      advance(peek(1) == '\n' ? 2 : 3);
    } else if (starts_with("//")) {
      skip_to_line_end();
    } else if (starts_with("/*")) {
      skip_comment();
    } else if (c == '#' && only_space_before_) {
      directive();
    } else {
      only_space_before_ = false;
      token();
    }
  }

  // Stops before the newline; a backslash before it continues the line.
  void skip_to_line_end() {
    while (!at_end() && peek() != '\n') {
      const bool continues = peek() == '\\' && (peek(1) == '\n' || peek(1) == '\r');
      advance(continues ? (peek(1) == '\r' && peek(2) == '\n' ? 3 : 2) : 1);
    }
  }

  void skip_comment() {
    const Location start = here();
    const std::size_t end = text_.find("*/", position_ + 2);
    if (end == std::string_view::npos) {
      throw compile_error(start, "the comment has no end", "close it with */");
    }
    advance(end + 2 - position_);
  }

  void token() {
    const std::size_t start = position_;
    Token token{
        TokenKind::kPunctuation, static_cast<std::uint32_t>(start), 0, file_, line_, column()};
    const char c = peek();
    if (is_word_start(c)) {
      token.kind = word();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      token.kind = TokenKind::kNumber;
      number();
    } else if (c == '"' || c == '\'') {
      token.kind = c == '"' ? TokenKind::kString : TokenKind::kCharacter;
      quoted();
    } else {
      const auto op = std::find_if(
          kOperators.begin(), kOperators.end(), [&](std::string_view o) { return starts_with(o); });
      advance(op != kOperators.end() ? op->size() : 1);
    }
    token.length = static_cast<std::uint32_t>(position_ - start);
    out_.tokens.push_back(token);
  }

  TokenKind word() {
    const std::size_t start = position_;
    skip_word();
    const std::string_view word = text_.substr(start, position_ - start);
    if (peek() == '"' && is_raw_prefix(word)) {
      raw_string();
      return TokenKind::kRawString;
    }
    if ((peek() == '"' || peek() == '\'') && is_string_prefix(word)) {
      const TokenKind kind = peek() == '"' ? TokenKind::kString : TokenKind::kCharacter;
      quoted();
      return kind;
    }
    return TokenKind::kIdentifier;
  }

  void skip_word() {
    while (is_word(peek()) && !at_end()) {
      advance();
    }
  }

  void number() {
    while (!at_end()) {
      const char c = peek();
      const bool exponent = c == 'e' || c == 'E' || c == 'p' || c == 'P';
      if (exponent && (peek(1) == '+' || peek(1) == '-')) {
        advance(2);
      } else if (is_word(c) || c == '.' || (c == '\'' && is_word(peek(1)))) {
        advance();
      } else {
        return;
      }
    }
  }

  void quoted() {
    const Location start = here();
    const char quote = peek();
    advance();
    while (!at_end() && peek() != quote && peek() != '\n') {
      advance(peek() == '\\' ? 2 : 1);
    }
    if (at_end() || peek() != quote) {
      throw compile_error(start, fmt::format("the literal has no closing {}", quote));
    }
    advance();
    skip_word();  // a user-defined suffix
  }

  void raw_string() {
    const Location start = here();
    const std::size_t open = text_.find('(', position_);
    const std::size_t end =
        open == std::string_view::npos
            ? open
            : text_.find(fmt::format("){}\"", text_.substr(position_ + 1, open - position_ - 1)),
                         open);
    if (end == std::string_view::npos) {
      throw compile_error(start, "the raw string literal has no end");
    }
    advance(text_.find('"', end) + 1 - position_);
    skip_word();
  }

  void directive() {
    Token token{
        TokenKind::kDirective, static_cast<std::uint32_t>(position_), 0, file_, line_, column()};
    skip_to_line_end();
    token.length = static_cast<std::uint32_t>(position_) - token.offset;
    if (!line_marker(out_.spelling(token))) {
      out_.tokens.push_back(token);
    }
  }

  // `# 12 "file" flags` and `#line 12 "file"`: the line after this one is line 12 of the file.
  bool line_marker(std::string_view line) {
    std::size_t at = 1;
    const auto skip_spaces = [&] {
      while (at < line.size() && is_space(line[at])) {
        ++at;
      }
    };
    skip_spaces();
    if (line.substr(at, 4) == "line") {
      at += 4;
      skip_spaces();
    }
    std::uint64_t number = 0;
    const std::size_t digits = at;
    while (at < line.size() && is_digit(line[at]) && number < (1U << 31)) {
      number = number * 10 + static_cast<std::uint64_t>(line[at++] - '0');
    }
    if (at == digits || number >= (1U << 31)) {
      return false;
    }
    skip_spaces();
    std::string file = out_.files[file_];
    if (at < line.size()) {
      if (line[at] != '"') {
        return false;
      }
      file.clear();
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\' && at + 1 < line.size()) {
          ++at;
        }
        file += line[at];
      }
      if (at >= line.size()) {
        return false;
      }
    }
    set_file(std::move(file));
    // The newline that ends the marker counts the line up to `number`.
    line_ = static_cast<std::uint32_t>(number) - 1;
    return true;
  }

  void set_file(std::string name) {
    const auto found = std::find(out_.files.begin(), out_.files.end(), name);
    file_ = static_cast<std::uint32_t>(found - out_.files.begin());
    if (found == out_.files.end()) {
      out_.files.push_back(std::move(name));
    }
  }

  LexedText out_;
  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t file_ = 0;
  bool only_space_before_ = true;
};

}  // namespace

std::string to_string(const Location& location) {
  return fmt::format("{}:{}:{}", location.file, location.line, location.column);
}

Error compile_error(const Location& location, std::string problem, std::string remedy) {
  return Error(ErrorCode::kCompile, to_string(location), std::move(problem), std::move(remedy));
}

std::string_view LexedText::spelling(const Token& token) const {
  return std::string_view(text).substr(token.offset, token.length);
}

Location LexedText::location(const Token& token) const {
  return {files[token.file], token.line, token.column};
}

LexedText lex(std::string text, std::string name) {
  return Lexer(std::move(text), std::move(name)).run();
}

}  // namespace ingot::msl
