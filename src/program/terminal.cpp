#include "program/terminal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unistd.h>

#include "fmt/format.h"

namespace ingot::cli {
namespace {

// Bytes of UTF-8 that begin a character, outside of "ESC [ ... m" sequences.
size_t display_width(std::string_view text) {
  size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (escape) {
      escape = c != 'm';
    } else if (c == '\x1b') {
      escape = true;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++width;
    }
  }
  return width;
}

std::string three_digits(double value) {
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string scaled(double value, std::string_view unit) {
  constexpr std::string_view kPrefixes[] = {"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  while (value >= 999.5 && prefix + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++prefix;
  }
  const bool whole = prefix == 0 && value == std::floor(value);
  return fmt::format("{} {}{}",
                     whole ? fmt::format("{:.0f}", value) : three_digits(value),
                     kPrefixes[prefix],
                     unit);
}

}  // namespace

std::string styled(std::string_view text, fmt::text_style style, std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = (no_color != nullptr && *no_color != '\0') || isatty(fileno(stream)) == 0;
  return plain || text.empty() ? std::string(text) : fmt::format(style, "{}", text);
}

std::string strong(std::string_view text) {
  return styled(text, fmt::emphasis::bold);
}

std::string faint(std::string_view text) {
  return styled(text, fmt::emphasis::faint);
}

std::string human_time(double seconds) {
  if (seconds >= 1) {
    return three_digits(seconds) + " s";
  }
  if (seconds >= 1e-3) {
    return three_digits(seconds * 1e3) + " ms";
  }
  return three_digits(seconds * 1e6) + " us";
}

std::string human_bytes(double bytes) {
  return scaled(bytes, "B");
}

std::string human_rate(double per_second, std::string_view unit) {
  return scaled(per_second, unit) + "/s";
}

std::string bar(double fraction, int width) {
  const int full = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
  std::string text;
  for (int i = 0; i < width; ++i) {
    text += i < full ? "█" : "·";
  }
  return text;
}

Table::Table(const std::vector<std::string>& headings) {
  for (const std::string& heading : headings) {
    right_.push_back(heading.starts_with('>'));
    headings_.push_back(heading.substr(right_.back() ? 1 : 0));
  }
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  if (rows_.empty()) {
    return "";
  }
  std::vector<size_t> widths;
  for (size_t column = 0; column < headings_.size(); ++column) {
    widths.push_back(display_width(headings_[column]));
    for (const auto& row : rows_) {
      widths.back() = std::max(widths.back(), display_width(row[column]));
    }
  }
  const auto line = [&](const std::vector<std::string>& cells, bool heading) {
    std::string result = " ";
    for (size_t column = 0; column < cells.size(); ++column) {
      const std::string padding(widths[column] - display_width(cells[column]), ' ');
      const std::string cell = heading ? faint(cells[column]) : cells[column];
      result += " " + (right_[column] ? padding + cell : cell + padding) + " ";
    }
    result.erase(result.find_last_not_of(' ') + 1);
    return result + "\n";
  };
  const bool headed = std::any_of(
      headings_.begin(), headings_.end(), [](const std::string& text) { return !text.empty(); });
  std::string text = headed ? line(headings_, true) : "";
  for (const auto& row : rows_) {
    text += line(row, false);
  }
  return text;
}

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (shown_) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

void ProgressBar::show(double fraction, std::string_view what) {
  if (!terminal_) {
    return;
  }
  fmt::print(stderr, "\r\x1b[K  {} {:3.0f} %  {}", bar(fraction, 30), 100 * fraction, what);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace ingot::cli
