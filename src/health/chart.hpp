// Lines over time as SVG.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::health {

/// A value of a series; a gap where it is unknown.
struct ChartPoint {
  double seconds;
  std::optional<double> value;
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;
};

struct ChartLevel {
  double value;
  std::string label;
};

/// An event: a dashed line down.
struct ChartMark {
  double seconds;
  std::string text;
};

struct Chart {
  std::string title;
  std::string unit;
  std::vector<ChartSeries> series = {};  // two at most: s0 and s1 of the style sheet
  std::vector<ChartLevel> levels = {};   // dashed lines across
  std::optional<double> highest = {};    // of the axis; of the data when empty
  std::vector<ChartMark> marks = {};
};

/// A <figure> with an inline <svg> over 0..`seconds`; a sentence instead where nothing is known.
std::string chart_html(const Chart& chart, double seconds);

/// 12.5 -> "12.5 s", 150 -> "2:30", 7384 -> "2:03:04".
std::string time_text(double seconds);

/// Text for HTML and its attributes; what is not UTF-8, or a control character, becomes '?'.
std::string escape_html(std::string_view text);

}  // namespace ingot::health
