#include "core/rows.hpp"

#include <algorithm>

namespace ingot {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::vector<Row> read_rows(std::string_view text) {
  std::vector<Row> rows;
  for (int line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty() || content.front() == '#') {
      continue;
    }
    Row row{line, {}};
    for (size_t bar = 0; bar != std::string_view::npos;) {
      bar = content.find('|');
      row.cells.push_back(trimmed(content.substr(0, bar)));
      content.remove_prefix(bar == std::string_view::npos ? content.size() : bar + 1);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace ingot
