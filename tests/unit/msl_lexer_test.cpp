#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "msl/lexer.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::msl {
namespace {

std::vector<std::string> spellings(const std::string& text) {
  const LexedText lexed = lex(text, "f.metal");
  std::vector<std::string> result;
  for (const Token& token : lexed.tokens) {
    result.emplace_back(lexed.spelling(token));
  }
  return result;
}

TokenKind kind_of(const std::string& text) {
  const LexedText lexed = lex(text, "f.metal");
  EXPECT_EQ(lexed.tokens.size(), 1U) << text;
  EXPECT_EQ(lexed.spelling(0), text);
  return lexed.tokens.at(0).kind;
}

std::string error_of(const std::string& text) {
  return refusal([&] { lex(text, "f.metal"); }, ErrorCode::kCompile);
}

using Words = std::vector<std::string>;

TEST(MslLexer, TakesTheLongestOperator) {
  EXPECT_EQ(
      spellings("a<<=b>>=c->*d...e<=>f::g->h"),
      (Words{
          "a", "<<=", "b", ">>=", "c", "->*", "d", "...", "e", "<=>", "f", "::", "g", "->", "h"}));
  EXPECT_EQ(spellings("a+++b--- -c&&&d"),
            (Words{"a", "++", "+", "b", "--", "-", "-", "c", "&&", "&", "d"}));
  EXPECT_EQ(spellings("[[x]]"), (Words{"[", "[", "x", "]", "]"}));
}

TEST(MslLexer, KnowsTheKindsOfLiterals) {
  for (const char* number : {"0",
                             "0.5h",
                             "1.5bf",
                             ".5f",
                             "1e-3",
                             "0x1p+4",
                             "1'000'000u",
                             "0b101",
                             "1.f",
                             "3ull",
                             "5."}) {
    EXPECT_EQ(kind_of(number), TokenKind::kNumber) << number;
  }
  for (const char* string : {R"("")", R"("a\"b")", R"(u8"x")", R"(L"x"_suffix)", R"("//")"}) {
    EXPECT_EQ(kind_of(string), TokenKind::kString) << string;
  }
  for (const char* raw : {"R\"(a)\"", "R\"x()\" )x\"", "u8R\"(\n\\)\"", "LR\"--(\"//)--\""}) {
    EXPECT_EQ(kind_of(raw), TokenKind::kRawString) << raw;
  }
  for (const char* character : {"'a'", "'\\''", "u'x'", "'\\\\'"}) {
    EXPECT_EQ(kind_of(character), TokenKind::kCharacter) << character;
  }
  for (const char* word : {"a",
                           "_a1",
                           "$x",
                           "gr\xc3\xb6\xc3\x9f"
                           "e",
                           "R",
                           "u8",
                           "Rx"}) {
    EXPECT_EQ(kind_of(word), TokenKind::kIdentifier) << word;
  }
}

TEST(MslLexer, MinusAfterAHexDigitIsAnOperator) {
  EXPECT_EQ(spellings("0xf-1 1e-1 2.-x"), (Words{"0xf", "-", "1", "1e-1", "2.", "-", "x"}));
}

TEST(MslLexer, SkipsCommentsAndContinuedLines) {
  EXPECT_EQ(spellings("a/* b\n*/c// d\\\ne\nf\\\r\ng/**/h"), (Words{"a", "c", "f", "g", "h"}));
  EXPECT_EQ(spellings("\"/*\" a '\"' // b"), (Words{"\"/*\"", "a", "'\"'"}));
}

TEST(MslLexer, CountsLinesAndColumnsInBytes) {
  const LexedText lexed = lex("ab  c\n\td /*\n*/ e\r\nf", "f.metal");
  std::vector<std::string> places;
  for (const Token& token : lexed.tokens) {
    places.push_back(to_string(lexed.location(token)));
    EXPECT_EQ(lexed.text.substr(token.offset, token.length), lexed.spelling(token));
  }
  EXPECT_EQ(places,
            (Words{"f.metal:1:1", "f.metal:1:5", "f.metal:2:2", "f.metal:3:4", "f.metal:4:1"}));
}

TEST(MslLexer, FollowsLineMarkers) {
  const LexedText lexed =
      lex("a\n# 7 \"dir/b.h\" 1 3\nb\n#line 20 \"c \\\"q\\\" \\\\.h\"\n\n c\n# 5\nd\n  #line 1 "
          "\"f\"\ne",
          "f");
  std::vector<std::string> places;
  for (const Token& token : lexed.tokens) {
    places.push_back(to_string(lexed.location(token)));
  }
  EXPECT_EQ(places,
            (Words{"f:1:1", "dir/b.h:7:1", "c \"q\" \\.h:21:2", "c \"q\" \\.h:5:1", "f:1:1"}));
  EXPECT_EQ(lexed.files, (Words{"f", "dir/b.h", "c \"q\" \\.h"}));
}

TEST(MslLexer, OtherDirectivesAreOneToken) {
  const LexedText lexed = lex("#pragma unroll\na # b\n#line x\n#\n#define A \\\n 1\nc", "f");
  std::vector<std::string> directives;
  for (const Token& token : lexed.tokens) {
    if (token.kind == TokenKind::kDirective) {
      directives.emplace_back(lexed.spelling(token));
    }
  }
  EXPECT_EQ(directives, (Words{"#pragma unroll", "#line x", "#", "#define A \\\n 1"}));
  EXPECT_EQ(to_string(lexed.location(lexed.tokens.size() - 1)), "f:7:1");
}

TEST(MslLexer, NamesWhereAnOpenLiteralStarts) {
  EXPECT_EQ(error_of("a\n /* b"), "f.metal:2:2: the comment has no end (close it with */)");
  EXPECT_EQ(error_of("x = \"abc\n\";"), "f.metal:1:5: the literal has no closing \"");
  EXPECT_EQ(error_of("'"), "f.metal:1:1: the literal has no closing '");
  EXPECT_EQ(error_of("\"\\"), "f.metal:1:1: the literal has no closing \"");
  EXPECT_EQ(error_of("R\"x(abc)y\""), "f.metal:1:2: the raw string literal has no end");
  EXPECT_EQ(error_of("R\"abc"), "f.metal:1:2: the raw string literal has no end");
}

TEST(MslLexer, AcceptsAnyByte) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    if (c != '"' && c != '\'') {
      bytes += static_cast<char>(c);
    }
  }
  std::size_t end = 0;
  const LexedText lexed = lex(bytes, "f");
  for (const Token& token : lexed.tokens) {
    EXPECT_GT(token.length, 0U);
    EXPECT_GE(token.offset, end);
    end = token.offset + token.length;
  }
  EXPECT_LE(end, bytes.size());
  EXPECT_TRUE(lex("", "f").tokens.empty());
}

}  // namespace
}  // namespace ingot::msl
