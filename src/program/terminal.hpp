// What people see: styles, units, tables and a progress bar.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/color.h"

namespace ingot::cli {

/// `text` in a style where `stream` is a terminal and the environment does not set NO_COLOR; else
/// `text` as it is.
std::string styled(std::string_view text, fmt::text_style style, std::FILE* stream = stdout);
std::string strong(std::string_view text);
std::string faint(std::string_view text);

/// Three digits and a unit: "1.53 ms", "40 MB", "38.2 GB/s", "512 GFLOP/s". Units are decimal.
std::string human_time(double seconds);
std::string human_bytes(double bytes);
std::string human_rate(double per_second, std::string_view unit);

/// A bar of `width` characters, filled to `fraction` of 0..1.
std::string bar(double fraction, int width);

/// Columns as wide as their widest cell; styled cells count as what is seen of them.
class Table {
 public:
  /// A heading that begins with '>' aligns its column to the right.
  explicit Table(const std::vector<std::string>& headings);
  void add(std::vector<std::string> cells);
  /// The lines, each ended by a newline; an empty table gives none.
  std::string text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// A line on standard error that tells how far long work is; shown on a terminal only, and removed
/// when the object ends.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `fraction` of 0..1.
  void show(double fraction, std::string_view what);

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace ingot::cli
