// The program `ingot`.
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "fmt/format.h"

#include "core/output_file.hpp"

namespace ingot::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// Ends at once, as 128 + signal like a shell says, and leaves no part of a file.
void stop(int signal) {
  remove_unfinished_files();
  _exit(128 + signal);
}

void report(const Error& error, bool json) {
  if (json) {
    print_json(json_of(error));
    return;
  }
  fmt::print(stderr,
             "{} {}{}{}\n",
             styled("ingot:", fmt::fg(fmt::terminal_color::red), stderr),
             error.subject(),
             error.subject().empty() ? "" : ": ",
             error.problem());
  if (!error.remedy().empty()) {
    fmt::print(stderr, "  try: {}\n", error.remedy());
  }
}

// The innermost command that was named.
const CLI::App& named_command(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : named_command(*commands.back());
}

std::string path_of(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? command.get_name()
             : path_of(*command.get_parent()) + " " + command.get_name();
}

UsageError usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = named_command(app);
  const std::string subject = command.get_parent() == nullptr ? "arguments" : command.get_name();
  const std::vector<std::string> unknown = command.remaining();
  const auto commands = command.get_subcommands([](const CLI::App*) { return true; });
  if (!commands.empty() && (unknown.empty() || !unknown.front().starts_with('-'))) {
    std::string names;
    for (const CLI::App* known : commands) {
      names += (names.empty() ? "" : ", ") + known->get_name();
    }
    return {subject,
            unknown.empty() ? "a command is missing"
                            : fmt::format("there is no command '{}'", unknown.front()),
            "one of: " + names};
  }
  std::string problem = error.what();
  if (problem.size() > 1 && std::islower(static_cast<unsigned char>(problem[1])) != 0) {
    problem[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(problem[0])));
  }
  return {subject, problem, path_of(command) + " --help"};
}

void add_commands(CLI::App& app, Common& common) {
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", "ingot " INGOT_VERSION);
  app.add_flag("--json", common.json, "Print one JSON document instead of text");
  app.require_subcommand(1);
  app.footer(
      "\nExamples:\n"
      "  ingot devices\n"
      "  ingot kernels show REDUCE_SUM\n"
      "  ingot run REDUCE_SUM --in x=random:f32:1000000\n"
      "\nExit codes: 0 done, 1 failed, 2 wrong usage. 'ingot COMMAND --help' tells more.");
  add_kernels(app, common);
  add_run(app, common);
  add_devices(app, common);
  add_pipeline(app, common);
  add_bench(app, common);
  add_version(app, common);
  add_completion(app, common);
}

int run_program(int argc, char** argv) {
  Common common;
  bool wants_json = false;  // known even when the arguments cannot be parsed
  for (int i = 0; i < argc; ++i) {
    wants_json = wants_json || std::strcmp(argv[i], "--json") == 0;
    common.command_line += (i == 0 ? "ingot" : fmt::format(" {}", argv[i]));
  }
  CLI::App app("Ingot: GPU kernels written once in Metal, run on Apple GPUs and any CPU", "ingot");
  add_commands(app, common);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help and --version print
    }
    report(usage_error(app, error), wants_json);
    return kWrongUsage;
  } catch (const Failed&) {
    return kFailed;
  } catch (const UsageError& error) {
    report(error, wants_json);
    return kWrongUsage;
  } catch (const Error& error) {
    report(error, wants_json);
    return kFailed;
  } catch (const std::bad_alloc&) {
    report(Error(ErrorCode::kOutOfMemory, "memory", "the host has too little"), wants_json);
    return kFailed;
  } catch (const std::exception& error) {
    report(Error(ErrorCode::kInternal, "ingot", error.what(), "please report this"), wants_json);
    return kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace ingot::cli

int main(int argc, char** argv) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    if (std::signal(signal, ingot::cli::stop) == SIG_IGN) {
      std::signal(signal, SIG_IGN);  // as nohup and background jobs want it
    }
  }
  const int status = ingot::cli::run_program(argc, argv);
  if (std::fflush(stdout) != 0) {
    std::perror("ingot: standard output");
    return ingot::cli::kFailed;
  }
  return status;
}
