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

// A longer replacement takes up spaces that nothing needs, so that columns stay.
std::size_t Edits::end_of(std::size_t i) const {
  const Token& token = lexed_.tokens[i];
  std::size_t end = token.offset + token.length;
  for (std::size_t excess =
           texts_[i]->size() - std::min<std::size_t>(texts_[i]->size(), token.length);
       excess > 0 && lexed_.text[end] == ' ' && !is_name(lexed_.text[end + 1]);
       --excess) {
    ++end;
  }
  return end;
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
    copied = end_of(i);
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
    shift += texts_[i] ? texts_[i]->size() - (end_of(i) - lexed_.tokens[i].offset) : 0;
  }
  return result;
}

}  // namespace ingot::msl
