// Tables in text files: a row a line, cells between bars, # begins a comment line.
#pragma once

#include <string_view>
#include <vector>

namespace ingot {

struct Row {
  int line;  // in the file, from 1
  std::vector<std::string_view> cells;
};

/// The rows of `text`, whose cells point into it, without the blanks around them. Empty lines and
/// comments are left out.
std::vector<Row> read_rows(std::string_view text);

}  // namespace ingot
