#include "softmetal/tool/report.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "program/terminal.hpp"
#include "softmetal/checks/findings.hpp"
#include "softmetal/tool/rules.hpp"

namespace softmetal::tool {
using ingot::cli::Json;
namespace {

fmt::text_style style_of(Level level) {
  const auto colour = level == Level::kError     ? fmt::terminal_color::red
                      : level == Level::kWarning ? fmt::terminal_color::magenta
                                                 : fmt::terminal_color::cyan;
  return fmt::emphasis::bold | fmt::fg(colour);
}

// The line and a caret. Tabs stay tabs in front of the caret, so that it stands where it should.
std::string excerpt(const Place& place, SourceLines& lines) {
  const std::string* line = place.line == 0 ? nullptr : lines.line(place.file, place.line);
  if (line == nullptr) {
    return "";
  }
  std::string text = fmt::format("{:5} | {}\n", place.line, *line);
  if (place.column == 0) {
    return text;
  }
  std::string margin;
  for (const char c : line->substr(0, place.column - 1)) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // not inside of a UTF-8 character
      margin += c == '\t' ? '\t' : ' ';
    }
  }
  return text + fmt::format("      | {}^\n", margin);
}

std::string prefix_of(const Place& place) {
  return place.line != 0 ? to_string(place) + ": " : place.file.empty() ? "" : place.file + ": ";
}

std::string_view kind_of(Access::Kind kind) {
  switch (kind) {
    case Access::Kind::kRead:
      return "read";
    case Access::Kind::kWrite:
      return "write";
    case Access::Kind::kAtomicRead:
      return "atomic-read";
    case Access::Kind::kAtomicWrite:
      return "atomic-write";
    case Access::Kind::kAtomicUpdate:
      break;
  }
  return "atomic-update";
}

Json json_of(const ThreadId& thread) {
  return {{"position_in_grid", thread.position_in_grid},
          {"threadgroup", thread.threadgroup},
          {"index_in_threadgroup", thread.index_in_threadgroup}};
}

Json json_of(const Access& access) {
  return {{"kind", kind_of(access.kind)},
          {"bytes", access.bytes},
          {"thread", access.thread ? json_of(*access.thread) : Json()},
          {"kernel", access.kernel.empty() ? Json() : Json(access.kernel)},
          {"file", access.place.file},
          {"line", access.place.line},
          {"column", access.place.column}};
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kError:
      return "error";
    case Level::kWarning:
      return "warning";
    case Level::kAdvice:
      break;
  }
  return "advice";
}

Report report_of(const Finding& finding) {
  Report report{
      .level = finding.is_advice ? Level::kAdvice : Level::kError,
      .rule = std::string(name_of(finding.check)),
      .place = finding.place,
      .message = finding.message,
      .details = {fmt::format("in kernel '{}'", finding.kernel)},
      .notes = {},
      .remedy = finding.remedy,
  };
  if (!finding.memory.empty()) {
    report.details.push_back("at " + finding.memory);
  }
  for (Access access : finding.accesses) {
    const Place place = std::exchange(access.place, {});  // which stands in front of the note
    report.notes.push_back({place, to_string(access)});
  }
  if (finding.count > 1) {
    report.details.push_back(fmt::format("and {} more times in this dispatch", finding.count - 1));
  }
  return report;
}

Report report_of(const Diagnostic& diagnostic, bool strict) {
  const bool is_error =
      diagnostic.severity == Severity::kError && (strict || !is_strict(diagnostic.rule));
  Report report{.level = is_error ? Level::kError : Level::kWarning,
                .rule = diagnostic.rule,
                .place = diagnostic.place,
                .message = diagnostic.message,
                .details = {},
                .notes = {},
                .remedy = ""};
  if (!diagnostic.reason.empty()) {
    report.details.push_back(diagnostic.reason);
  }
  return report;
}

const std::string* SourceLines::line(const std::string& file, std::uint32_t number) {
  const auto [entry, is_new] = files_.try_emplace(file);
  std::vector<std::string>& lines = entry->second;
  if (is_new) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(std::move(line));
    }
  }
  return number == 0 || number > lines.size() ? nullptr : &lines[number - 1];
}

std::string to_text(const Report& report, SourceLines& lines, std::FILE* stream) {
  const auto strong = [&](std::string_view text) {
    return ingot::cli::styled(text, fmt::emphasis::bold, stream);
  };
  std::string text = fmt::format(
      "{}{} {} [{}]\n",
      strong(prefix_of(report.place)),
      ingot::cli::styled(fmt::format("{}:", name_of(report.level)), style_of(report.level), stream),
      strong(report.message),
      report.rule);
  text += excerpt(report.place, lines);
  for (const std::string& detail : report.details) {
    text += "  " + detail + "\n";
  }
  for (const Report::Note& note : report.notes) {
    const bool elsewhere = note.place.line != report.place.line ||
                           note.place.column != report.place.column ||
                           note.place.file != report.place.file;
    text += fmt::format("{}note: {}\n", prefix_of(note.place), note.message);
    text += elsewhere ? excerpt(note.place, lines) : "";
  }
  if (!report.remedy.empty()) {
    text += "  try: " + report.remedy + "\n";
  }
  return text;
}

Json json_of(const Report& report) {
  Json notes = Json::array();
  for (const Report::Note& note : report.notes) {
    notes.push_back({{"file", note.place.file},
                     {"line", note.place.line},
                     {"column", note.place.column},
                     {"message", note.message}});
  }
  return {{"severity", name_of(report.level)},
          {"rule", report.rule},
          {"file", report.place.file},
          {"line", report.place.line},
          {"column", report.place.column},
          {"message", report.message},
          {"details", report.details},
          {"notes", notes},
          {"remedy", report.remedy}};
}

Json json_of(const Finding& finding) {
  Json accesses = Json::array();
  for (const Access& access : finding.accesses) {
    accesses.push_back(json_of(access));
  }
  return {{"severity", finding.is_advice ? "advice" : "error"},
          {"rule", softmetal::name_of(finding.check)},
          {"kernel", finding.kernel},
          {"file", finding.place.file},
          {"line", finding.place.line},
          {"column", finding.place.column},
          {"message", finding.message},
          {"memory", finding.memory},
          {"accesses", accesses},
          {"count", finding.count},
          {"remedy", finding.remedy}};
}

}  // namespace softmetal::tool
