#include "health/linux/tree.hpp"

#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "fmt/format.h"

#include "core/text.hpp"

namespace ingot::health {
namespace {

constexpr size_t kMostBytes = size_t{64} << 10;

template <class T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::optional<std::string> Tree::text(const std::string& path) const {
  const int file = open((root_ / path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    return std::nullopt;
  }
  std::string text;
  char piece[4096];
  ssize_t count = 0;
  while (text.size() < kMostBytes && (count = read(file, piece, sizeof piece)) > 0) {
    text.append(piece, static_cast<size_t>(count));
  }
  close(file);
  if (count < 0) {
    return std::nullopt;
  }
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

std::optional<double> Tree::number(const std::string& path) const {
  const std::optional<std::string> content = text(path);
  return content ? leading_number(*content) : std::nullopt;
}

// readdir alone: std::filesystem would look at each entry.
std::vector<std::string> Tree::entries(const std::string& directory,
                                       std::string_view prefix) const {
  std::vector<std::string> paths;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir((root_ / directory).c_str()), closedir);
  while (const dirent* entry = stream ? readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && name.starts_with(prefix)) {
      paths.push_back(fmt::format("{}/{}", directory, name));
    }
  }
  std::ranges::sort(paths);
  return paths;
}

std::optional<double> leading_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

std::optional<std::string_view> line_value(std::string_view text, std::string_view key) {
  for (const std::string_view line : split_words(text, "\n")) {
    if (line.starts_with(key)) {
      return line.substr(key.size());
    }
  }
  return std::nullopt;
}

std::optional<int64_t> count_of_list(std::string_view list) {
  int64_t count = 0;
  for (const std::string_view range : split_words(list, ", \t")) {
    const size_t dash = range.find('-');
    int64_t first = 0;
    int64_t last = 0;
    if (!parse_whole(range.substr(0, dash), first) ||
        !parse_whole(dash == std::string_view::npos ? range : range.substr(dash + 1), last) ||
        last < first) {
      return std::nullopt;
    }
    count += last - first + 1;
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

}  // namespace ingot::health
