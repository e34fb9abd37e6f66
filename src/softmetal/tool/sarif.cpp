#include "softmetal/tool/sarif.hpp"

#include <algorithm>
#include <filesystem>

#include "fmt/format.h"

#include "softmetal/tool/rules.hpp"

namespace softmetal::tool {
namespace fs = std::filesystem;
using ingot::cli::Json;
namespace {

constexpr const char* kRoot = "%SRCROOT%";  // the folder that relative names begin in

// A path as a URI: bytes other than RFC 3986's unreserved ones and '/' are written as %20.
std::string encoded(const std::string& path) {
  constexpr std::string_view kPlain = "-._~/";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        (byte < 0x80 && std::isalnum(byte) != 0) || kPlain.find(c) != std::string_view::npos;
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

Json artifact(const std::string& file, const fs::path& folder) {
  const fs::path path = fs::absolute(folder / file).lexically_normal();
  const fs::path relative = path.lexically_relative(folder.lexically_normal());
  if (!relative.empty() && *relative.begin() != "..") {
    return {{"uri", encoded(relative.generic_string())}, {"uriBaseId", kRoot}};
  }
  return {{"uri", "file://" + encoded(path.generic_string())}};
}

// Columns of reports count bytes, those of the log characters.
std::uint32_t characters(const Place& place, SourceLines& lines) {
  const std::string* line = lines.line(place.file, place.line);
  if (line == nullptr) {
    return place.column;
  }
  const auto before = std::string_view(*line).substr(0, place.column - 1);
  return 1 + static_cast<std::uint32_t>(std::ranges::count_if(
                 before, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Json location(const Place& place, const fs::path& folder, SourceLines& lines) {
  Json physical = {{"artifactLocation", artifact(place.file, folder)}};
  if (place.line != 0) {
    physical["region"] = {{"startLine", place.line}};
    if (place.column != 0) {
      physical["region"]["startColumn"] = characters(place, lines);
    }
  }
  return {{"physicalLocation", physical}};
}

std::string_view level_of(Level level) {
  return level == Level::kAdvice ? "note" : name_of(level);
}

Json result(const Report& report, const fs::path& folder, SourceLines& lines) {
  std::string text = report.message;
  for (const std::string& detail : report.details) {
    text += "\n" + detail;
  }
  if (!report.remedy.empty()) {
    text += "\nTry: " + report.remedy;
  }
  Json json = {{"ruleId", report.rule},
               {"ruleIndex", rule_index(report.rule)},
               {"level", level_of(report.level)},
               {"message", {{"text", text}}},
               {"locations", Json::array()}};
  if (!report.place.file.empty()) {
    json["locations"].push_back(location(report.place, folder, lines));
  }
  Json related = Json::array();
  for (const Report::Note& note : report.notes) {
    if (!note.place.file.empty()) {
      Json place = location(note.place, folder, lines);
      place["message"] = {{"text", note.message}};
      if (std::ranges::find(related, place) == related.end()) {  // the standard wants them unique
        related.push_back(std::move(place));
      }
    }
  }
  if (!related.empty()) {
    json["relatedLocations"] = related;
  }
  return json;
}

}  // namespace

Json sarif_log(const std::vector<Report>& reports, const std::string& folder) {
  Json descriptors = Json::array();
  for (const Rule& rule : rules()) {
    descriptors.push_back({{"id", rule.id},
                           {"shortDescription", {{"text", rule.summary}}},
                           {"help", {{"text", rule.help}}}});
  }
  SourceLines lines;
  Json results = Json::array();
  for (const Report& report : reports) {
    results.push_back(result(report, folder, lines));
  }
  const Json driver = {
      {"name", "softmetal"}, {"version", SOFTMETAL_VERSION}, {"rules", descriptors}};
  const Json base = {{"description", {{"text", "The folder that the program was started in."}}}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"columnKind", "unicodeCodePoints"},
                    {"originalUriBaseIds", {{kRoot, base}}},
                    {"results", results}};
  return {{"$schema",
           "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
           "sarif-schema-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", Json::array({run})}};
}

void write_sarif(ingot::OutputFile& file, const std::vector<Report>& reports) {
  const Json log = sarif_log(reports, fs::current_path().string());
  const std::string text = log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace softmetal::tool
