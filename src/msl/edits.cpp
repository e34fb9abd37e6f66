#include "msl/edits.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace ingot::msl {
namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

void Edits::replace(std::size_t token, std::string_view text) {
  // A raw string may hold newlines, which must stay.
  std::string blank(lexed_.spelling(token));
  std::replace_if(blank.begin(), blank.end(), [](char c) { return c != '\n'; }, ' ');
  blank.erase(0, std::min(text.size(), std::min(blank.find('\n'), blank.size())));
  texts_[token] = std::string(text) + blank;
}

void Edits::blank(TokenRange range) {
  replace(range, "");
}

void Edits::replace(TokenRange range, std::string_view text) {
  for (std::size_t i = range.first; i < range.last; ++i) {
    replace(i, i == range.first ? text : std::string_view());
  }
}

std::size_t Edits::spaces_taken(std::size_t token) const {
  const std::size_t length = lexed_.tokens[token].length;
  const std::size_t end = lexed_.tokens[token].offset + length;
  const std::size_t excess = std::max(texts_[token]->size(), length) - length;
  std::size_t taken = 0;
  while (taken < excess && lexed_.text[end + taken] == ' ' &&
         !is_name(lexed_.text[end + taken + 1])) {
    ++taken;
  }
  return taken;
}

std::string Edits::apply() const {
  std::string result;
  result.reserve(lexed_.text.size() + lexed_.text.size() / 8);
  std::size_t copied = 0;
  for (std::size_t i = 0; i < lexed_.tokens.size(); ++i) {
    if (!texts_[i]) {
      continue;
    }
    const Token& token = lexed_.tokens[i];
    result.append(lexed_.text, copied, token.offset - copied);
    result += *texts_[i];
    copied = token.offset + token.length + spaces_taken(i);
  }
  result.append(lexed_.text, copied);
  return result;
}

std::vector<std::size_t> Edits::offsets() const {
  std::vector<std::size_t> result;
  result.reserve(lexed_.tokens.size());
  std::size_t shift = 0;  // wraps below zero and back
  for (std::size_t i = 0; i < lexed_.tokens.size(); ++i) {
    result.push_back(lexed_.tokens[i].offset + shift);
    shift += texts_[i] ? texts_[i]->size() - lexed_.tokens[i].length - spaces_taken(i) : 0;
  }
  return result;
}

}  // namespace ingot::msl
