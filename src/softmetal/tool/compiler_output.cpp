// Errors of code kCompile as reports: the compiler's output, or one place and one problem.
#include <algorithm>
#include <optional>
#include <utility>

#include "softmetal/diagnostic.hpp"
#include "softmetal/strict/compiler_messages.hpp"
#include "softmetal/tool/report.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal::tool {
namespace {

Place place_of(const strict::CompilerMessage::Part& part) {
  return {std::string(part.file), part.position.line, part.position.column};
}

// A mistake in a template's arguments may show up inside of <metal_stdlib>: the user's file is then
// in the notes.
void move_out_of_shim(Report& report) {
  const std::string cache = Toolchain::get().cache().directory().string();
  const auto is_users = [&](const Place& place) { return !place.file.starts_with(cache); };
  if (is_users(report.place)) {
    return;
  }
  const auto note = std::ranges::find_if(report.notes, is_users, &Report::Note::place);
  if (note != report.notes.end()) {
    report.place = note->place;
  }
  std::erase_if(report.notes, [&](const auto& other) { return !is_users(other.place); });
}

Report report_of(const strict::CompilerMessage& message) {
  Report report{.level = Level::kError,
                .rule = "compile",
                .place = place_of(message.main),
                .message = std::string(message.main.text),
                .details = {},
                .notes = {},
                .remedy = ""};
  for (const auto& note : message.notes) {
    report.notes.push_back({place_of(note), std::string(note.text)});
  }
  move_out_of_shim(report);
  return report;
}

}  // namespace

std::vector<Report> reports_of(const ingot::Error& error, const std::string& file) {
  std::vector<Report> reports;
  for (const strict::CompilerMessage& message : strict::read_messages(error.problem())) {
    Report report = report_of(message);
    const auto is_same = [&](const Report& other) {
      return to_string(other.place) == to_string(report.place) && other.message == report.message;
    };
    if (std::ranges::none_of(reports, is_same)) {
      reports.push_back(std::move(report));
    }
  }
  if (reports.empty()) {
    const std::optional<Place> place = parse_place(error.subject());
    reports.push_back({.rule = place ? "metal" : "compile",
                       .place = place.value_or(Place{file, 0, 0}),
                       .message = error.problem(),
                       .details = {},
                       .notes = {},
                       .remedy = error.remedy()});
  }
  return reports;
}

}  // namespace softmetal::tool
