// The files of /proc and /sys, below a root that tests replace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::health {

class Tree {
 public:
  explicit Tree(std::filesystem::path root) : root_(std::move(root)) {}

  /// The text of a small file without the newline at its end; nothing when it cannot be read, as
  /// many files of /sys cannot in spite of their being there.
  std::optional<std::string> text(const std::string& path) const;

  /// The number that a file begins with.
  std::optional<double> number(const std::string& path) const;

  /// Paths of the entries of a directory whose names begin with `prefix`, sorted.
  std::vector<std::string> entries(const std::string& directory, std::string_view prefix) const;
  std::filesystem::path path(const std::string& file) const { return root_ / file; }

 private:
  std::filesystem::path root_;
};

/// The number at the beginning of a text, behind blanks.
std::optional<double> leading_number(std::string_view text);

/// What stands behind `key` in the first line that begins with it.
std::optional<std::string_view> line_value(std::string_view text, std::string_view key);

/// How many numbers a list such as "0-3,8" has; nothing when it is none.
std::optional<int64_t> count_of_list(std::string_view list);

}  // namespace ingot::health
