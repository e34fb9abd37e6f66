// Tables and lists in Markdown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ingot::agents {

class MarkdownTable {
 public:
  /// A heading that begins with '>' aligns its column to the right.
  explicit MarkdownTable(const std::vector<std::string>& headings);
  /// Bars in cells are escaped, line ends become blanks.
  void add(const std::vector<std::string>& cells);
  /// The lines, the last without its newline.
  std::string text() const { return text_; }

 private:
  std::string text_;
};

/// "`text`".
std::string code(std::string_view text);

}  // namespace ingot::agents
