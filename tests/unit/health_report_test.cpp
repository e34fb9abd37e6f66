// The page of a run.
#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "health/chart.hpp"
#include "health/run_report.hpp"

namespace ingot::health {
namespace {

using testing::HasSubstr;
using testing::Not;

// Whether each element ends where it should.
bool is_well_formed(std::string_view page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at + 1)) {
    const size_t end = page.find('>', at);
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view tag = page.substr(at + 1, end - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
    if (tag.starts_with('!') || tag.ends_with('/')) {
      continue;
    }
    if (!tag.starts_with('/')) {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != tag) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

RunReport run() {
  RunReport report;
  report.command = "train --name \"<b>&co\"";
  report.started = "2026-11-20 09:00:00 UTC";
  report.seconds = 300;
  report.exit_code = 3;
  report.before.machine_ram_gb = known(16.0, "test");
  report.before.num_cores = known(8.0, "test");
  for (int i = 0; i <= 10; ++i) {
    Snapshot s;
    s.mem_available_pct = known(60.0 - i, "test");
    s.load_avg_1min = known(1.0 + i, "test");
    s.cpu_temperature_c = i == 5 ? unknown<double>("gap") : known(50.0 + i, "test");
    s.cpu_speed_limit = known(i == 7 ? 55.0 : 100.0, "test");
    report.log.add(30 * i, s, 0.5 * i);
  }
  report.log.add(Event{210, {"thermal_throttle", false, "Throttle at 55% <hot>"}});
  return report;
}

TEST(HealthReport, IsWellFormedAndSelfContained) {
  const std::string page = report_html(run());
  EXPECT_TRUE(is_well_formed(page));
  for (const char* reference : {"http", "src=", "href", "url(", "@import", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("exit code 3, 11 samples"));
  EXPECT_EQ(count(page, "<svg"), 5u);
  EXPECT_EQ(count(page, "<svg"), count(page, "class=\"mark\""));  // the event, in each
}

TEST(HealthReport, TextOfOthersIsEscaped) {
  const std::string page = report_html(run());
  EXPECT_THAT(page, Not(HasSubstr("<b>&co")));
  EXPECT_THAT(page, HasSubstr("train --name &quot;&lt;b&gt;&amp;co&quot;"));
  EXPECT_THAT(page, HasSubstr("Throttle at 55% &lt;hot&gt;"));
}

TEST(HealthReport, AGapSplitsTheLine) {
  const std::string page = report_html(run());
  const size_t chart = page.find("<b>Temperature</b>");
  const size_t path = page.find("<path", chart);
  const std::string line = page.substr(path, page.find("/>", path) - path);
  EXPECT_EQ(count(line, "M"), 2u);
  EXPECT_EQ(count(line, "L"), 8u);
}

TEST(HealthReport, AMachineThatTellsNothing) {
  RunReport report;
  report.command = "true";
  report.log.add(0, Snapshot{}, {});
  const std::string page = report_html(report);
  EXPECT_TRUE(is_well_formed(page));
  EXPECT_EQ(count(page, "<svg"), 0u);
  EXPECT_EQ(count(page, "Unknown on this machine"), 5u);
  EXPECT_THAT(page, HasSubstr("No threshold was crossed"));
}

TEST(HealthChart, CoordinatesFollowTheValues) {
  Chart chart{"t", "%", {{"s", {{0, 0.0}, {50, 50.0}, {100, 100.0}}}}};
  chart.highest = 100;
  // 860 x 180, margins 48, 12, 10 and 24.
  EXPECT_THAT(chart_html(chart, 100), HasSubstr("d=\"M48.0 156.0 L448.0 83.0 L848.0 10.0\""));
}

TEST(HealthChart, DegenerateData) {
  for (const double seconds : {0.0, 1e-9, 1e9}) {
    for (const double value : {0.0, 1e-30, 1e30}) {
      const std::string html =
          chart_html({"t", "", {{"s", {{0, value}, {seconds, value}}}}}, seconds);
      EXPECT_TRUE(is_well_formed(html));
      EXPECT_EQ(html.find("nan"), std::string::npos);
      EXPECT_LT(html.size(), 10000u);
    }
  }
}

TEST(HealthChart, Times) {
  EXPECT_EQ(time_text(0), "0 s");
  EXPECT_EQ(time_text(12.5), "12.5 s");
  EXPECT_EQ(time_text(60), "1:00");
  EXPECT_EQ(time_text(150.2), "2:30");
  EXPECT_EQ(time_text(7384), "2:03:04");
}

TEST(HealthChart, EscapesHtml) {
  EXPECT_EQ(escape_html("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(escape_html("\xE2\x80\x94 \xF0\x9F\x94\xA5"), "\xE2\x80\x94 \xF0\x9F\x94\xA5");
  for (const char* wrong : {"\x01", "\x7F", "\xFF", "\xC0", "\x80"}) {
    EXPECT_EQ(escape_html(wrong), "?");
  }
  EXPECT_EQ(escape_html("\xED\xA0\x80"), "???");  // a surrogate
  EXPECT_EQ(escape_html("\xE2\x80"), "??");       // cut short
  EXPECT_EQ(escape_html("\xC0\xAF"), "??");       // overlong
  EXPECT_EQ(escape_html("\xF4\x90\x80\x80"), "????");
}

}  // namespace
}  // namespace ingot::health
