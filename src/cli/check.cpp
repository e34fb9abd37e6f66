// ingot check
#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "agents/diff.hpp"
#include "agents/install.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using agents::FileState;
using agents::FileStatus;

struct Arguments {
  std::string directory = ".";
  std::string agent = "all";
  bool diff = false;
};

std::string explanation(const FileStatus& status) {
  switch (status.state) {
    case FileState::kMissing:
      return "'ingot init --agent all' writes it";
    case FileState::kOutdated:
      return fmt::format("ingot {} wrote it; 'ingot init --force' renews it", status.version);
    case FileState::kEdited:
      return fmt::format("changed since ingot {} wrote it", status.version);
    case FileState::kForeign:
      return "not written by ingot";
    case FileState::kCurrent:
      break;
  }
  return "";
}

// From the file that is there to the one that this program writes.
std::string diff_of(const FileStatus& status, const agents::PackFile& file) {
  return status.state == FileState::kMissing
             ? ""
             : agents::unified_diff(
                   status.text, file.text, status.path, status.path + " of this version");
}

void check(const Arguments& arguments, bool json) {
  const auto audience = from_usage([&] { return agents::parse_audience(arguments.agent); });
  if (!std::filesystem::is_directory(arguments.directory)) {
    throw Error(ErrorCode::kNotFound, arguments.directory, "is not a directory", "--dir DIRECTORY");
  }
  const std::vector<agents::PackFile> pack = agents::make_pack(audience, INGOT_VERSION);
  const std::vector<FileStatus> statuses = agents::inspect(arguments.directory, pack);
  Table table({"", "", ">", ""});
  Json files = Json::array();
  std::string diffs;
  for (size_t i = 0; i < pack.size(); ++i) {
    const FileStatus& status = statuses[i];
    const bool missing = status.state == FileState::kMissing;
    table.add({std::string(to_string(status.state)),
               status.path,
               missing ? "" : human_bytes(static_cast<double>(status.bytes)),
               faint(explanation(status))});
    Json file = {{"path", status.path},
                 {"state", to_string(status.state)},
                 {"bytes", missing ? Json() : Json(status.bytes)},
                 {"version", status.version.empty() ? Json() : Json(status.version)}};
    if (arguments.diff) {
      file["diff"] = diff_of(status, pack[i]);
      diffs += diff_of(status, pack[i]);
    }
    files.push_back(std::move(file));
  }
  if (json) {
    print_json({{"directory", arguments.directory}, {"version", INGOT_VERSION}, {"files", files}});
    return;
  }
  fmt::print("{}{}{}", table.text(), diffs.empty() ? "" : "\n", diffs);
}

}  // namespace

void add_check(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Say which files for coding agents a project has, and whether they are current",
      {"--diff prints what would change to make them those of this version."},
      {"ingot check", "ingot check --diff", "ingot check --dir ~/project --json"}};
  CLI::App& command = add_command(app, "check", help, common);
  command.add_option("--dir", arguments->directory, "Root of the project")
      ->type_name("DIRECTORY")
      ->capture_default_str();
  command.add_option("--agent", arguments->agent, "Whose files to look at")
      ->type_name("claude|agents-md|all")
      ->capture_default_str();
  command.add_flag("--diff", arguments->diff, "Print the differences");
  command.callback([arguments, &common] { check(*arguments, common.json); });
}

}  // namespace ingot::cli
