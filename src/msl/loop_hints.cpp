#include "msl/loop_hints.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace ingot::msl {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kOperator = "_Pragma";

std::string_view trim(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text;
}

// Takes `word` off the beginning, where it stands there.
bool take(std::string_view& text, std::string_view word) {
  const std::string_view rest = trim(text);
  if (!rest.starts_with(word)) {
    return false;
  }
  text = rest.substr(word.size());
  return true;
}

// The text up to `end`, which is taken off with it; nothing where there is none.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view taken = trim(text.substr(0, at));
  text.remove_prefix(at + 1);
  return taken;
}

// What a pragma becomes, "" for nothing; no value where it is no hint of clang's.
std::optional<std::string> cuda_pragma(std::string_view pragma) {
  if (trim(pragma) == "nounroll") {
    return "unroll 1";
  }
  if (!take(pragma, "clang ") || !take(pragma, "loop ")) {
    return std::nullopt;
  }
  while (const auto option = take_until(pragma, '(')) {
    const auto value = take_until(pragma, ')');
    if (option == "unroll" && value) {
      return value == "disable" ? "unroll 1" : "unroll";
    }
    if (option == "unroll_count" && value) {
      return "unroll " + std::string(*value);
    }
  }
  return "";
}

// `line` is a directive: what stands in its place.
std::optional<std::string> cuda_line(std::string_view line) {
  if (!take(line, "#") || !take(line, "pragma ")) {
    return std::nullopt;
  }
  auto pragma = cuda_pragma(line);
  return pragma && !pragma->empty() ? "#pragma " + *pragma : pragma;
}

// `text` begins with the operator: what stands in its place, as long as it, and its length.
std::optional<std::string> cuda_operator(std::string_view text) {
  std::string_view rest = text.substr(kOperator.size());
  if (!take(rest, "(") || !take(rest, "\"")) {
    return std::nullopt;
  }
  const auto content = take_until(rest, '"');
  if (!content || !take(rest, ")")) {
    return std::nullopt;
  }
  auto pragma = cuda_pragma(*content);
  if (!pragma) {
    return std::nullopt;
  }
  std::string result = pragma->empty() ? "" : "_Pragma(\"" + *pragma + "\")";
  result.resize(text.size() - rest.size(), ' ');
  return result;
}

}  // namespace

std::string cuda_loop_hints(std::string text) {
  for (size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    if (const auto line = cuda_line(std::string_view(text).substr(begin, end - begin))) {
      text.replace(begin, end - begin, *line);
      end = begin + line->size();
    }
  }
  for (size_t at = text.find(kOperator); at != std::string::npos;
       at = text.find(kOperator, at + kOperator.size())) {
    if (const auto hint = cuda_operator(std::string_view(text).substr(at))) {
      text.replace(at, hint->size(), *hint);
    }
  }
  return text;
}

}  // namespace ingot::msl
