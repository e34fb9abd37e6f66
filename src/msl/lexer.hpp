// Metal Shading Language text as tokens that know where the user wrote them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/error.hpp"

namespace ingot::msl {

/// A place in the user's files, as line markers tell it. Lines and columns count from 1, columns in
/// bytes.
struct Location {
  std::string file;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// "file:line:column".
std::string to_string(const Location& location);

/// An Error of code kCompile whose subject is "file:line:column".
Error compile_error(const Location& location, std::string problem, std::string remedy = {});

enum class TokenKind : std::uint8_t {
  kIdentifier,  // keywords included
  kNumber,      // a preprocessing number, suffix included: 0.5h, 0xFFu
  kString,      // prefix, quotes and suffix included
  kRawString,
  kCharacter,
  kPunctuation,  // the longest operator; `[[` is two tokens. Bytes C++ has no use for come alone
  kDirective,    // a whole preprocessor line that is not a line marker, `#pragma` for example
};

struct Token {
  TokenKind kind;
  std::uint32_t offset;  // of the first byte in the text
  std::uint32_t length;
  std::uint32_t file;  // index into LexedText::files
  std::uint32_t line;
  std::uint32_t column;
};

/// A text with its tokens. Comments, white space and line markers lie in the gaps between tokens.
struct LexedText {
  std::string text;
  std::vector<std::string> files;
  std::vector<Token> tokens;

  std::string_view spelling(const Token& token) const;
  std::string_view spelling(std::size_t index) const { return spelling(tokens[index]); }
  Location location(const Token& token) const;
  Location location(std::size_t index) const { return location(tokens[index]); }
};

/// Splits `text` into tokens; `name` is the file's name until a line marker (`#line 3 "f"`,
/// `# 3 "f" 1`) says otherwise. Any bytes are accepted. Throws Error (kCompile) for a literal or
/// comment without an end and for texts of 4 GiB or more.
LexedText lex(std::string text, std::string name);

}  // namespace ingot::msl
