// Errors of code kCompile as reports: clang's output, or one place and one problem.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "softmetal/tool/report.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal::tool {
namespace {

// Takes ":12" from the end of a text.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  std::uint32_t number = 0;
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || last != end) {
    return std::nullopt;
  }
  text = text.substr(0, colon);
  return number;
}

// Reads "file:line:column" or "file:line"; a text without a line is no place.
std::optional<Place> parse_place(std::string_view text) {
  const auto last = take_number(text);
  if (!last) {
    return std::nullopt;
  }
  const auto before = take_number(text);
  return Place{std::string(text), before ? *before : *last, before ? *last : 0};
}

struct Line {
  enum class Kind { kError, kWarning, kNote };
  Kind kind;
  Place place;
  std::string message;
};

// "file:1:2: error: message"; nothing for excerpts, carets and sums.
std::optional<Line> parse_line(std::string_view text) {
  using Kind = Line::Kind;
  static constexpr std::pair<std::string_view, Kind> kWords[] = {{"fatal error: ", Kind::kError},
                                                                 {"error: ", Kind::kError},
                                                                 {"warning: ", Kind::kWarning},
                                                                 {"note: ", Kind::kNote}};
  for (const auto& [word, kind] : kWords) {
    const std::size_t at = text.find(word);
    if (at == 0) {
      return Line{kind, {}, std::string(text.substr(word.size()))};
    }
    if (at == std::string_view::npos || at < 3 || text.substr(at - 2, 2) != ": ") {
      continue;
    }
    if (const auto place = parse_place(text.substr(0, at - 2))) {
      return Line{kind, *place, std::string(text.substr(at + word.size()))};
    }
  }
  return std::nullopt;
}

bool is_same(const Report& a, const Report& b) {
  return to_string(a.place) == to_string(b.place) && a.message == b.message;
}

// A mistake in a template's arguments may show up inside of <metal_stdlib>: the user's file is then
// in the notes.
void move_out_of_shim(Report& report) {
  const std::string cache = Toolchain::get().cache().directory().string();
  const auto is_users = [&](const Place& place) {
    return place.line != 0 && !place.file.starts_with(cache);
  };
  if (report.place.line == 0 || is_users(report.place)) {
    return;
  }
  const auto note = std::ranges::find_if(report.notes, is_users, &Report::Note::place);
  if (note != report.notes.end()) {
    report.place = note->place;
  }
  std::erase_if(report.notes, [&](const auto& other) { return !is_users(other.place); });
}

}  // namespace

std::vector<Report> reports_of(const ingot::Error& error, const std::string& file) {
  std::vector<Report> reports;
  if (const auto place = parse_place(error.subject())) {
    reports.push_back({.rule = "compile",
                       .place = *place,
                       .message = error.problem(),
                       .details = {},
                       .notes = {},
                       .remedy = error.remedy()});
    return reports;
  }
  std::string_view rest = error.problem();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::optional<Line> line = parse_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line) {
      continue;
    }
    if (line->kind != Line::Kind::kNote) {
      Report report{.level = line->kind == Line::Kind::kError ? Level::kError : Level::kWarning,
                    .rule = "compile",
                    .place = line->place,
                    .message = line->message,
                    .details = {},
                    .notes = {},
                    .remedy = ""};
      if (report.place.line == 0) {
        report.place.file = file;
      }
      reports.push_back(std::move(report));
    } else if (!reports.empty()) {
      reports.back().notes.push_back({line->place, line->message});
    }
  }
  if (reports.empty()) {
    reports.push_back({.rule = "compile",
                       .place = {file, 0, 0},
                       .message = error.problem(),
                       .details = {},
                       .notes = {},
                       .remedy = error.remedy()});
  }
  std::ranges::for_each(reports, move_out_of_shim);
  std::vector<Report> distinct;
  for (Report& report : reports) {
    const auto same = [&](const Report& other) { return is_same(report, other); };
    if (std::ranges::none_of(distinct, same)) {
      distinct.push_back(std::move(report));
    }
  }
  return distinct;
}

}  // namespace softmetal::tool
