#include "msl/syntax.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ingot::msl {
namespace {

constexpr std::array<std::string_view, 17> kQualifiers = {"const",
                                                          "volatile",
                                                          "static",
                                                          "constexpr",
                                                          "inline",
                                                          "extern",
                                                          "mutable",
                                                          "typename",
                                                          "register",
                                                          "struct",
                                                          "class",
                                                          "union",
                                                          "enum",
                                                          "kernel",
                                                          "friend",
                                                          "virtual",
                                                          "explicit"};

// These may stand several in a row and make one type: unsigned long int.
constexpr std::array<std::string_view, 6> kIntegerWords = {
    "unsigned", "signed", "short", "long", "int", "char"};

constexpr std::array<std::string_view, 5> kGroupWords = {
    "alignas", "_Alignas", "__attribute__", "decltype", "__declspec"};

// Bounds the recursion over nested scopes; clang's own default limit.
constexpr std::size_t kMaxNesting = 256;

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view closer_of(std::string_view opener) {
  return opener == "(" ? ")" : opener == "[" ? "]" : "}";
}

}  // namespace

const std::vector<std::string_view>& address_spaces() {
  static const std::vector<std::string_view> kSpaces = {
      "device", "constant", "thread", "threadgroup", "ray_data"};
  return kSpaces;
}

bool takes_group(std::string_view word) {
  return one_of(kGroupWords, word);
}

bool is_address_space(std::string_view word) {
  const auto& spaces = address_spaces();
  return std::find(spaces.begin(), spaces.end(), word) != spaces.end();
}

Syntax::Syntax(const LexedText& lexed)
    : lexed_(lexed), match_(lexed.tokens.size(), kNone), angles_end_(lexed.tokens.size(), kNone) {
  struct Bracket {
    std::size_t token;
    std::size_t angles;  // open `<` outside of it
  };
  std::vector<Bracket> open;
  std::vector<std::size_t> angles;
  for (std::size_t i = 0; i < size(); ++i) {
    if (lexed_.tokens[i].kind != TokenKind::kPunctuation) {
      continue;
    }
    const std::string_view word = (*this)[i];
    const std::size_t outside = open.empty() ? 0 : open.back().angles;
    if (word == "(" || word == "[" || word == "{") {
      if (open.size() == kMaxNesting) {
        throw compile_error(location(i),
                            fmt::format("brackets are nested more than {} deep", kMaxNesting));
      }
      if (word == "{") {
        angles.resize(outside);
      }
      open.push_back({i, angles.size()});
    } else if (word == ")" || word == "]" || word == "}") {
      if (open.empty() || closer_of((*this)[open.back().token]) != word) {
        throw compile_error(location(i), fmt::format("'{}' closes nothing", word));
      }
      match_[i] = open.back().token;
      match_[open.back().token] = i;
      angles.resize(outside);
      open.pop_back();
    } else if (word == ";") {
      angles.resize(outside);
    } else if (word == "<" && i > 0 && is_identifier(i - 1)) {  // behind `sizeof(T)` it compares
      angles.push_back(i);
    } else if (word == ">" || word == ">>") {
      for (std::size_t closed = 0; closed < word.size() && angles.size() > outside; ++closed) {
        angles_end_[angles.back()] = i + 1;
        angles.pop_back();
      }
    }
  }
  if (!open.empty()) {
    throw compile_error(location(open.back().token),
                        fmt::format("'{}' is never closed", (*this)[open.back().token]));
  }
}

std::string_view Syntax::operator[](std::size_t index) const {
  return index < size() ? lexed_.spelling(index) : std::string_view();
}

bool Syntax::is_identifier(std::size_t index) const {
  return index < size() && lexed_.tokens[index].kind == TokenKind::kIdentifier;
}

bool Syntax::contains(TokenRange range, std::string_view spelling) const {
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (is(i, spelling)) {
      return true;
    }
  }
  return false;
}

Location Syntax::location(std::size_t index) const {
  return lexed_.tokens.empty() ? Location{lexed_.files.front(), 1, 1}
                               : lexed_.location(std::min(index, size() - 1));
}

bool Syntax::opens(std::size_t index) const {
  return match_[index] != kNone && match_[index] > index;
}

bool Syntax::is_attribute_list(std::size_t index) const {
  return is(index, "[") && is(index + 1, "[") && match_[index] == match_[index + 1] + 1;
}

std::size_t Syntax::skip_angles(std::size_t index, std::size_t end) const {
  const std::size_t after = angles_end_[index];
  if (after == end + 1 && is(end, ">>")) {  // its first half closes this one
    return end;
  }
  return after <= end ? after : kNone;
}

std::size_t Syntax::skip_element(std::size_t index, std::size_t end) const {
  if (opens(index)) {
    return std::min(match_[index] + 1, end);
  }
  if (is(index, "<") && index > 0 && is_identifier(index - 1)) {
    const std::size_t after = skip_angles(index, end);
    return after != kNone ? after : index + 1;
  }
  return index + 1;
}

std::size_t Syntax::find_semicolon(std::size_t index, std::size_t end) const {
  while (index < end && !is(index, ";")) {
    index = opens(index) ? match_[index] + 1 : index + 1;
  }
  return std::min(index, end);
}

std::vector<TokenRange> Syntax::split(TokenRange range) const {
  std::vector<TokenRange> parts;
  std::size_t start = range.first;
  for (std::size_t i = range.first; i < range.last;) {
    if (is(i, ",")) {
      parts.push_back({start, i});
      start = i + 1;
    }
    i = skip_element(i, range.last);
  }
  if (!range.empty()) {
    parts.push_back({start, range.last});
  }
  return parts;
}

std::size_t Syntax::skip_type_name(std::size_t index, std::size_t end) const {
  std::size_t i = is(index, "::") ? index + 1 : index;
  while (i < end && is_identifier(i)) {
    if (is(i, "void")) {  // `void ::ns::f()` is no name in void
      return i + 1;
    }
    ++i;
    if (i < end && is(i, "<")) {
      const std::size_t after = skip_angles(i, end);
      if (after == kNone) {
        return i;
      }
      i = after;
    }
    if (i >= end || !is(i, "::")) {
      return i;
    }
    i += is(i + 1, "template") ? 2 : 1;
  }
  return i;
}

std::size_t Syntax::skip_specifiers(std::size_t index, std::size_t end) const {
  bool has_type = false;
  bool has_integer = false;
  std::size_t i = index;
  while (i < end) {
    const std::string_view word = (*this)[i];
    if (is_attribute_list(i)) {
      i = match_[i] + 1;
    } else if (one_of(kGroupWords, word) && is(i + 1, "(")) {
      has_type = has_type || word == "decltype";
      i = match_[i + 1] + 1;
    } else if (one_of(kQualifiers, word) || is_address_space(word)) {
      ++i;
    } else if (one_of(kIntegerWords, word) && (!has_type || has_integer)) {
      has_type = has_integer = true;
      ++i;
    } else if ((is_identifier(i) || word == "::") && !has_type) {
      has_type = true;
      i = skip_type_name(i, end);
    } else {
      break;
    }
  }
  return std::min(i, end);
}

Declarator Syntax::declarator(std::size_t index, std::size_t end) const {
  Declarator result;
  std::size_t i = index;
  result.prefix.first = i;
  for (; i < end; ++i) {
    const std::string_view word = (*this)[i];
    if (word == "*") {
      result.kind = ParameterKind::kPointer;
    } else if (word == "&" || word == "&&") {
      result.kind = ParameterKind::kReference;
    } else if (word != "const" && word != "volatile" && word != "..." && word != "__restrict" &&
               !is_address_space(word)) {
      break;
    }
  }
  result.prefix.last = i;
  if (i < end && is(i, "(")) {  // float (&tile)[32]
    const Declarator inner = declarator(i + 1, match_[i]);
    result.kind = inner.kind;
    result.name = inner.name;
    i = match_[i] + 1;
  } else if (i < end && is_identifier(i)) {
    result.name = i++;
  }
  result.suffix.first = i;
  while (i < end && is(i, "[") && !is_attribute_list(i)) {
    i = match_[i] + 1;
  }
  result.suffix.last = i;
  while (i < end && is_attribute_list(i)) {
    i = match_[i] + 1;
  }
  result.end = std::min(i, end);
  return result;
}

std::string Syntax::join(TokenRange range, const std::vector<std::string_view>& leave_out) const {
  std::string text;
  std::size_t previous = kNone;
  const auto is_word = [&](std::size_t i) {
    return lexed_.tokens[i].kind != TokenKind::kPunctuation;
  };
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (is_attribute_list(i)) {
      i = match_[i];
      continue;
    }
    if (std::find(leave_out.begin(), leave_out.end(), (*this)[i]) != leave_out.end()) {
      continue;
    }
    if (previous != kNone) {
      const std::string_view before = (*this)[previous];
      const bool qualifies =
          (before == "*" || before == "&") && (is(i, "const") || is(i, "volatile"));
      const bool words = (is_word(previous) && is_word(i)) || (before == ">" && is_word(i));
      const bool would_fuse =
          before == (*this)[i] && (before == "-" || before == "+" || before == "&");
      if (words || qualifies || would_fuse || before == ",") {
        text += ' ';
      }
    }
    text += (*this)[i];
    previous = i;
  }
  return text;
}

}  // namespace ingot::msl
