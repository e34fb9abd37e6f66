#include "softmetal/tool/reporter.hpp"

#include <algorithm>
#include <tuple>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "softmetal/tool/sarif.hpp"

namespace softmetal::tool {
using ingot::cli::Json;

Reporter::Reporter(bool json, const std::string& sarif) : json_(json) {
  if (!sarif.empty()) {
    sarif_.emplace(sarif);
  }
}

void Reporter::add(const Report& report) {
  const std::lock_guard lock(mutex_);
  const auto is_same = [&](const Report& other) {
    return other.rule == report.rule && other.message == report.message &&
           to_string(other.place) == to_string(report.place);
  };
  if (std::ranges::any_of(reports_, is_same)) {
    return;
  }
  if (!json_) {
    // A progress bar may stand in the line.
    fmt::print(stderr, "{}{}", is_terminal_ ? "\r\x1b[K" : "", to_text(report, lines_, stderr));
  }
  reports_.push_back(report);
}

bool Reporter::has_errors() const {
  return std::ranges::any_of(reports_,
                             [](const Report& report) { return report.level == Level::kError; });
}

void Reporter::sort() {
  std::ranges::sort(reports_, {}, [](const Report& report) {
    return std::tie(report.place.file, report.place.line, report.place.column, report.message);
  });
}

void Reporter::finish() {
  if (sarif_) {
    write_sarif(*sarif_, reports_);
  }
}

std::string Reporter::summary() const {
  std::vector<std::string> parts;
  for (const Level level : {Level::kError, Level::kWarning, Level::kAdvice}) {
    const auto count = std::ranges::count(reports_, level, &Report::level);
    if (count > 0) {
      const bool plural = count > 1 && level != Level::kAdvice;
      parts.push_back(fmt::format("{} {}{}", count, name_of(level), plural ? "s" : ""));
    }
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

Json Reporter::json() const {
  Json list = Json::array();
  for (const Report& report : reports_) {
    list.push_back(json_of(report));
  }
  return list;
}

void report_compile_errors(bool json, const std::string& file, const std::function<void()>& act) {
  Reporter reporter(json, "");
  if (reporter.compiles(file, act)) {
    return;
  }
  if (json) {
    Json document = ingot::cli::json_of(
        ingot::Error(ingot::ErrorCode::kCompile, file, "does not compile: " + reporter.summary()));
    document["error"]["reports"] = reporter.json();
    ingot::cli::print_json(document);
  }
  throw ingot::cli::Failed();
}

}  // namespace softmetal::tool
