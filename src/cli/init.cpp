// ingot init
#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "agents/install.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::string directory = ".";
  std::string agent = "claude";
  bool force = false;
};

void initialise(const Arguments& arguments, bool json) {
  using agents::Action;
  const auto audience = from_usage([&] { return agents::parse_audience(arguments.agent); });
  const std::vector<agents::PackFile> pack = agents::make_pack(audience, INGOT_VERSION);
  std::vector<std::string> warnings;
  if (!agents::is_project_root(arguments.directory)) {
    warnings.push_back(fmt::format(
        "'{}' does not look like the root of a project: agents find the files where they start",
        std::filesystem::weakly_canonical(arguments.directory).string()));
  }
  const std::vector<Action> actions = agents::install(arguments.directory, pack, arguments.force);

  Table table({"", "", ">"});
  Json files = Json::array();
  size_t skipped = 0;
  for (size_t i = 0; i < pack.size(); ++i) {
    skipped += actions[i] == Action::kSkipped ? 1 : 0;
    table.add({std::string(to_string(actions[i])),
               pack[i].path,
               actions[i] == Action::kSkipped
                   ? ""
                   : human_bytes(static_cast<double>(pack[i].text.size()))});
    files.push_back({{"path", pack[i].path},
                     {"action", to_string(actions[i])},
                     {"bytes", pack[i].text.size()}});
  }
  if (json) {
    print_json({{"directory", arguments.directory}, {"files", files}, {"warnings", warnings}});
    return;
  }
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "ingot: warning: {}\n", warning);
  }
  fmt::print("{}", table.text());
  if (skipped > 0) {
    fmt::print("\n{} already there: 'ingot check' compares, 'ingot init --force' overwrites\n",
               skipped == 1 ? "One file is" : fmt::format("{} files are", skipped));
  }
}

}  // namespace

void add_init(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Teach a project's coding agents to use Ingot",
      {"Writes an agent, its reference and a skill below .claude/, or AGENTS.md, with tables made\n"
       "from this program's kernels, rules and prices. A file that is there is left alone."},
      {"ingot init", "ingot init --agent all --dir ~/project", "ingot init --force"}};
  CLI::App& command = add_command(app, "init", help, common);
  command.add_flag("--force", arguments->force, "Overwrite files that are there");
  command.add_option("--dir", arguments->directory, "Root of the project")
      ->type_name("DIRECTORY")
      ->capture_default_str();
  command.add_option("--agent", arguments->agent, "Whose files to write")
      ->type_name("claude|agents-md|all")
      ->capture_default_str();
  command.callback([arguments, &common] { initialise(*arguments, common.json); });
}

}  // namespace ingot::cli
