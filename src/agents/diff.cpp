#include "agents/diff.hpp"

#include <algorithm>
#include <vector>

#include "fmt/format.h"

namespace ingot::agents {
namespace {

// A line of the script: ' ' in both texts, '-' in the first alone, '+' in the second alone.
struct Line {
  char sign;
  std::string_view text;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// By the longest common subsequence, between the beginning and the end that both texts share. A
// file of the pack has some hundred lines: the table of n*m lengths is small.
std::vector<Line> script_of(const std::vector<std::string_view>& a,
                            const std::vector<std::string_view>& b) {
  const size_t most = std::min(a.size(), b.size());
  size_t head = 0;
  while (head < most && a[head] == b[head]) {
    ++head;
  }
  size_t tail = 0;
  while (tail < most - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  const size_t rows = a.size() - head - tail;
  const size_t columns = b.size() - head - tail;
  // common[i][j]: lines in common behind line i of a and line j of b.
  std::vector<std::vector<unsigned>> common(rows + 1, std::vector<unsigned>(columns + 1));
  for (size_t i = rows; i-- > 0;) {
    for (size_t j = columns; j-- > 0;) {
      common[i][j] = a[head + i] == b[head + j] ? common[i + 1][j + 1] + 1
                                                : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Line> script;
  for (size_t i = 0; i < head; ++i) {
    script.push_back({' ', a[i]});
  }
  for (size_t i = 0, j = 0; i < rows || j < columns;) {
    if (i < rows && j < columns && a[head + i] == b[head + j]) {
      script.push_back({' ', a[head + i]});
      ++i;
      ++j;
    } else if (j == columns || (i < rows && common[i + 1][j] >= common[i][j + 1])) {
      script.push_back({'-', a[head + i++]});
    } else {
      script.push_back({'+', b[head + j++]});
    }
  }
  for (size_t i = a.size() - tail; i < a.size(); ++i) {
    script.push_back({' ', a[i]});
  }
  return script;
}

std::string range_of(size_t first, size_t count) {
  return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view before,
                         std::string_view after,
                         std::string_view before_name,
                         std::string_view after_name) {
  constexpr size_t kContext = 3;
  if (before == after) {
    return "";
  }
  const std::vector<Line> script = script_of(lines_of(before), lines_of(after));
  std::string text = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
  size_t a = 0;  // lines of the first text before script[i]
  size_t b = 0;
  for (size_t i = 0; i < script.size();) {
    // A hunk begins where a change is at most kContext lines ahead, and ends behind the last change
    // that is not followed by another within twice that.
    const auto next_change = [&](size_t from) {
      while (from < script.size() && script[from].sign == ' ') {
        ++from;
      }
      return from;
    };
    const size_t change = next_change(i);
    if (change == script.size()) {
      break;
    }
    const size_t begin = std::max(i, change - std::min(change, kContext));
    a += begin - i;
    b += begin - i;
    size_t end = change;
    for (size_t next = change; next < script.size() && next <= end + 2 * kContext;
         next = next_change(end)) {
      end = next;
      while (end < script.size() && script[end].sign != ' ') {
        ++end;
      }
    }
    end = std::min(end + kContext, script.size());
    std::string hunk;
    size_t in_a = 0;
    size_t in_b = 0;
    for (size_t line = begin; line < end; ++line) {
      in_a += script[line].sign != '+' ? 1 : 0;
      in_b += script[line].sign != '-' ? 1 : 0;
      hunk += fmt::format("{}{}\n", script[line].sign, script[line].text);
    }
    text += fmt::format("@@ -{} +{} @@\n{}", range_of(a, in_a), range_of(b, in_b), hunk);
    a += in_a;
    b += in_b;
    i = end;
  }
  return text;
}

}  // namespace ingot::agents
