#include "agents/stamp.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "core/hash.hpp"
#include "core/text.hpp"

namespace ingot::agents {
namespace {

// A comment of Markdown, as the last line: "<!-- written by ingot 0.1.0, hash 0123... -->".
constexpr std::string_view kBegin = "<!-- written by ingot ";
constexpr std::string_view kHash = "hash";

}  // namespace

std::string stamped(std::string text, std::string_view version) {
  text += "\n";
  const std::string hash = hash128(text).hex();
  return std::move(text) + fmt::format("{}{}, {} {} -->\n", kBegin, version, kHash, hash);
}

Stamp read_stamp(std::string_view file) {
  const size_t begin = file.rfind(kBegin);
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::string_view text = file.substr(0, begin - std::min<size_t>(begin, 1));
  const auto words = split_words(file.substr(begin + kBegin.size()), " ,");
  const bool whole = words.size() >= 3 && words[1] == kHash;
  Stamp stamp{whole ? std::string(words[0]) : "?", false};
  stamp.intact = whole && file == stamped(std::string(text), stamp.version);
  return stamp;
}

}  // namespace ingot::agents
