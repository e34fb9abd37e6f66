#include "health/chart.hpp"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace ingot::health {
namespace {

// The drawing's coordinates; the page scales it.
constexpr double kWidth = 860;
constexpr double kHeight = 180;
constexpr double kLeft = 48;
constexpr double kRight = 12;
constexpr double kTop = 10;
constexpr double kBottom = 24;
constexpr size_t kMostDots = 400;  // more would hide the line
constexpr int kTimeTicks = 8;
constexpr int kValueTicks = 4;

// The least of 1, 2 and 5 times a power of ten that is at least `value`.
double round_step(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= value * 0.999) {
      return factor * power;
    }
  }
  return 10 * power;
}

double time_step(double seconds) {
  const double least = seconds / kTimeTicks;
  for (const double step : {60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400}) {
    if (least <= step && least > 30) {
      return step;
    }
  }
  return least > 86400 ? std::ceil(least / 86400) * 86400 : least > 10 ? 30 : round_step(least);
}

class Drawing {
 public:
  Drawing(const Chart& chart, double seconds)
      : chart_(chart), seconds_(std::max(seconds, 1e-3)), highest_(chart.highest.value_or(0)) {
    for (const ChartSeries& series : chart.series) {
      for (const ChartPoint& point : series.points) {
        highest_ = std::max(highest_, point.value.value_or(0));
        known_ = known_ || point.value;
      }
    }
    // A level far above the data would flatten it.
    for (const ChartLevel& level : chart.levels) {
      highest_ = level.value < 4 * highest_ ? std::max(highest_, level.value) : highest_;
    }
    step_ = round_step(std::max(highest_, 1e-3) / kValueTicks);
    highest_ = std::max(1.0, std::ceil(highest_ / step_ - 1e-9)) * step_;
  }

  bool known() const { return known_; }

  std::string svg() {
    text_ = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">)",
                        kWidth,
                        kHeight,
                        escape_html(chart_.title));
    draw_axes();
    draw_levels();
    for (size_t i = 0; i < chart_.series.size(); ++i) {
      draw_series(chart_.series[i], i);
    }
    draw_marks();
    draw_level_labels();
    return text_ + "</svg>";
  }

 private:
  double x(double seconds) const {
    return kLeft + (kWidth - kLeft - kRight) * std::clamp(seconds / seconds_, 0.0, 1.0);
  }
  double y(double value) const {
    return kHeight - kBottom - (kHeight - kTop - kBottom) * std::clamp(value / highest_, 0.0, 1.0);
  }

  void line(std::string_view style, double x1, double y1, double x2, double y2) {
    text_ += fmt::format(R"(<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)",
                         style,
                         x1,
                         y1,
                         x2,
                         y2);
  }

  void label(std::string_view anchor, double at_x, double at_y, const std::string& content) {
    text_ += fmt::format(R"(<text text-anchor="{}" x="{:.1f}" y="{:.1f}">{}</text>)",
                         anchor,
                         at_x,
                         at_y,
                         escape_html(content));
  }

  void draw_axes() {
    for (double value = 0; value <= highest_ * 1.001; value += step_) {
      line("grid", kLeft, y(value), kWidth - kRight, y(value));
      label("end", kLeft - 6, y(value) + 4, fmt::format("{:.6g}", value));
    }
    const double step = time_step(seconds_);
    for (double at = 0; at <= seconds_ * 1.001; at += step) {
      label(at == 0 ? "start" : "middle", x(at), kHeight - 6, time_text(at));
    }
  }

  void draw_levels() {
    for (const ChartLevel& level : chart_.levels) {
      if (level.value <= highest_) {
        line("level", kLeft, y(level.value), kWidth - kRight, y(level.value));
      }
    }
  }

  // At the left, where lines that grow are still low; below a level that is at the top.
  void draw_level_labels() {
    for (const ChartLevel& level : chart_.levels) {
      if (level.value <= highest_) {
        const double at = y(level.value);
        label("start", kLeft + 6, at < kTop + 12 ? at + 12 : at - 4, level.label);
      }
    }
  }

  void draw_series(const ChartSeries& series, size_t index) {
    std::string path;
    bool drawing = false;
    for (const ChartPoint& point : series.points) {
      if (point.value) {
        path += fmt::format(
            "{}{:.1f} {:.1f}", drawing ? " L" : " M", x(point.seconds), y(*point.value));
      }
      drawing = point.value.has_value();
    }
    if (!path.empty()) {
      text_ += fmt::format(R"(<path class="s{}" d="{}"/>)", index, path.substr(1));
    }
    if (series.points.size() > kMostDots) {
      return;
    }
    for (const ChartPoint& point : series.points) {
      if (point.value) {
        text_ += fmt::format(R"(<circle class="s{}" cx="{:.1f}" cy="{:.1f}" r="2">)"
                             "<title>{}: {:.4g} {} at {}</title></circle>",
                             index,
                             x(point.seconds),
                             y(*point.value),
                             escape_html(series.name),
                             *point.value,
                             escape_html(chart_.unit),
                             time_text(point.seconds));
      }
    }
  }

  void draw_marks() {
    for (const ChartMark& mark : chart_.marks) {
      text_ += fmt::format(R"(<line class="mark" x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}">)"
                           "<title>{3}: {4}</title></line>",
                           x(mark.seconds),
                           kTop,
                           kHeight - kBottom,
                           time_text(mark.seconds),
                           escape_html(mark.text));
    }
  }

  const Chart& chart_;
  double seconds_;
  double highest_;
  double step_ = 1;
  bool known_ = false;
  std::string text_;
};

std::string legend(const Chart& chart) {
  if (chart.series.size() < 2) {
    return "";
  }
  std::string text;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    text +=
        fmt::format(R"( <span class="key s{}">{}</span>)", i, escape_html(chart.series[i].name));
  }
  return text;
}

}  // namespace

std::string chart_html(const Chart& chart, double seconds) {
  Drawing drawing(chart, seconds);
  return fmt::format("<figure><figcaption><b>{}</b>{}{}</figcaption>{}</figure>\n",
                     escape_html(chart.title),
                     chart.unit.empty() ? "" : ", " + escape_html(chart.unit),
                     drawing.known() ? legend(chart) : "",
                     drawing.known() ? drawing.svg() : "<p>Unknown on this machine.</p>");
}

std::string time_text(double seconds) {
  if (seconds < 60) {
    return fmt::format("{:.3g} s", seconds);
  }
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) {
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
  }
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace ingot::health
