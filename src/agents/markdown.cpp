#include "agents/markdown.hpp"

namespace ingot::agents {
namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += ' ';
    for (const char c : cell) {
      line += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
    }
    line += " |";
  }
  return line;
}

}  // namespace

MarkdownTable::MarkdownTable(const std::vector<std::string>& headings) {
  std::vector<std::string> names;
  std::string rule = "\n|";
  for (const std::string& heading : headings) {
    const bool right = heading.starts_with('>');
    names.push_back(heading.substr(right ? 1 : 0));
    rule += right ? "---:|" : "---|";
  }
  text_ = line_of(names) + rule;
}

void MarkdownTable::add(const std::vector<std::string>& cells) {
  text_ += "\n" + line_of(cells);
}

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

}  // namespace ingot::agents
