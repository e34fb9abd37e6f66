#include "health/run_report.hpp"

#include "fmt/format.h"

#include "health/chart.hpp"

namespace ingot::health {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark;
  --back: #fff; --text: #1d2125; --faint: #6a737d; --grid: #e3e6e9;
  --s0: #0b63c5; --s1: #b8500f; --mark: #c5221f;
  --pass: #19733a; --warn: #9a6200; --block: #c5221f; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15181c; --text: #e4e7ea; --faint: #98a1aa; --grid: #2c3238;
    --s0: #6cb2ff; --s1: #ffa766; --mark: #ff7b72;
    --pass: #56c27b; --warn: #e8b339; --block: #ff7b72; } }
body { background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif;
  max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.3em; overflow-wrap: anywhere; } h2 { font-size: 1.1em; margin-top: 1.8em; }
code { font: 0.95em ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.2em 0.9em 0.2em 0; border-bottom: 1px solid var(--grid);
  vertical-align: top; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.4em 0; } figcaption, .faint { color: var(--faint); }
figcaption b { color: var(--text); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--faint); font-size: 11px;
  paint-order: stroke; stroke: var(--back); stroke-width: 3px; }
.grid { stroke: var(--grid); } .level { stroke: var(--faint); stroke-dasharray: 5 4; }
.mark { stroke: var(--mark); stroke-dasharray: 2 3; stroke-width: 1.5; }
path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
path.s0 { stroke: var(--s0); } path.s1 { stroke: var(--s1); }
circle.s0 { fill: var(--s0); } circle.s1 { fill: var(--s1); }
.key { margin-left: 1em; } .key.s0 { color: var(--s0); } .key.s1 { color: var(--s1); }
.pass { color: var(--pass); } .warn { color: var(--warn); } .block { color: var(--block); }
)";

using Member = std::optional<double> RunPoint::*;

ChartSeries series_of(const RunLog& log, std::string name, Member member) {
  ChartSeries series{std::move(name), {}};
  for (const RunPoint& point : log.points()) {
    series.points.push_back({point.seconds, point.*member});
  }
  return series;
}

std::string charts(const RunReport& report) {
  const RunLog& log = report.log;
  std::vector<Chart> charts(5);
  charts[0] = {
      "Memory available", "%", {series_of(log, "available", &RunPoint::mem_available_pct)}};
  charts[0].highest = 100;
  charts[1] = {
      "Memory of the command and its children", "GB", {series_of(log, "RSS", &RunPoint::rss_gb)}};
  if (const auto& ram = report.before.machine_ram_gb.value) {
    charts[1].levels = {{0.7 * *ram, "70 % of memory"}};
  }
  charts[2] = {"Load, average of a minute", "", {series_of(log, "load", &RunPoint::load_avg_1min)}};
  if (const auto& cores = report.before.num_cores.value) {
    charts[2].levels = {{*cores, fmt::format("{:.0f} cores", *cores)}};
  }
  charts[3] = {"Temperature",
               "°C",
               {series_of(log, "processor", &RunPoint::cpu_temperature_c),
                series_of(log, "hottest GPU", &RunPoint::gpu_temperature_c)}};
  charts[4] = {"CPU speed limit", "%", {series_of(log, "limit", &RunPoint::cpu_speed_limit)}};
  charts[4].highest = 100;
  charts[4].levels = {{60, "throttled"}, {40, "heavily"}};

  std::string text;
  for (Chart& chart : charts) {
    for (const Event& event : log.events()) {
      chart.marks.push_back({event.seconds, event.crossing.message});
    }
    text += chart_html(chart, report.seconds);
  }
  return text;
}

std::string events(const RunLog& log) {
  if (log.events().empty()) {
    return "<p>No threshold was crossed.</p>\n";
  }
  std::string rows;
  for (const Event& event : log.events()) {
    rows += fmt::format(
        R"(<tr><td class="n">{}</td><td><code>{}</code></td><td class="{}">{}</td></tr>)",
        time_text(event.seconds),
        event.crossing.code,
        event.crossing.recovered ? "pass" : "warn",
        escape_html(event.crossing.message));
  }
  return fmt::format("<table><tr><th>at</th><th>what</th><th>message</th></tr>{}</table>\n", rows);
}

std::string gate(const Decision& decision) {
  std::string rows = fmt::format(R"(<p class="{0}">Before the start: <b>{0}</b></p>)",
                                 to_string(decision.verdict));
  for (const Finding& finding : decision.findings) {
    rows += fmt::format("<p><code>{}</code> {}</p>", finding.code, escape_html(finding.message));
  }
  return rows + "\n";
}

std::string extremes(const RunLog& log) {
  std::string rows;
  const auto add = [&](std::string_view name, std::string_view unit, const Extremes& extremes) {
    const auto cell = [&](const std::optional<double>& value) {
      return value ? fmt::format("{:.4g} {}", *value, unit) : std::string("unknown");
    };
    rows += fmt::format(R"(<tr><td>{}</td><td class="n">{}</td><td class="n">{}</td></tr>)",
                        name,
                        cell(extremes.least),
                        cell(extremes.most));
  };
  add("memory available", "%", log.mem_available_pct());
  add("memory of the command", "GB", log.rss_gb());
  add("load", "", log.load_avg_1min());
  add("temperature", "°C", log.temperature_c());
  add("CPU speed limit", "%", log.cpu_speed_limit());
  return fmt::format(
      "<table><tr><th></th><th class=\"n\">lowest</th><th "
      "class=\"n\">highest</th></tr>{}</table>\n",
      rows);
}

}  // namespace

std::string report_html(const RunReport& report) {
  const std::string command = escape_html(report.command);
  return fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Run of {0}</title><style>{1}</style></head>
<body>
<h1><code>{0}</code></h1>
<p class="faint">Started {2}, ran {3}, exit code {4}, {5} samples</p>
{6}<h2>Events</h2>
{7}<h2>Over time</h2>
{8}<h2>Extremes</h2>
{9}</body>
</html>
)",
                     command,
                     kStyle,
                     escape_html(report.started),
                     time_text(report.seconds),
                     report.exit_code,
                     report.log.samples(),
                     gate(report.decision),
                     events(report.log),
                     charts(report),
                     extremes(report.log));
}

}  // namespace ingot::health
