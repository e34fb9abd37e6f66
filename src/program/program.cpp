#include "program/program.hpp"

#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <unistd.h>

#include "fmt/format.h"

#include "core/output_file.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// Ends at once, as 128 + signal like a shell says, and leaves no part of a file.
void stop(int signal) {
  remove_unfinished_files();
  _exit(128 + signal);
}

void report(const std::string& program, const Error& error, bool json) {
  if (json) {
    print_json(json_of(error));
    return;
  }
  fmt::print(stderr,
             "{} {}{}{}\n",
             styled(program + ":", fmt::fg(fmt::terminal_color::red), stderr),
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

int run_command(CLI::App& app, Common& common, int argc, char** argv) {
  bool wants_json = false;  // known even when the arguments cannot be parsed
  common.command_line = app.get_name();
  bool options = true;  // "--" ends them
  for (int i = 1; i < argc; ++i) {
    options = options && std::strcmp(argv[i], "--") != 0;
    wants_json = wants_json || (options && std::strcmp(argv[i], "--json") == 0);
    common.command_line += fmt::format(" {}", argv[i]);
  }
  const auto fail = [&](const Error& error, int exit_code) {
    report(app.get_name(), error, wants_json);
    return exit_code;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version print
    return error.get_exit_code() == 0 ? app.exit(error)
                                      : fail(usage_error(app, error), kWrongUsage);
  } catch (const Failed& failed) {
    return failed.exit_code;
  } catch (const UsageError& error) {
    return fail(error, kWrongUsage);
  } catch (const Error& error) {
    return fail(error, kFailed);
  } catch (const std::bad_alloc&) {
    return fail({ErrorCode::kOutOfMemory, "memory", "the host has too little"}, kFailed);
  } catch (const std::exception& error) {
    return fail({ErrorCode::kInternal, app.get_name(), error.what(), "please report this"},
                kFailed);
  }
  return 0;
}

}  // namespace

Program::Program(const std::string& name, const std::string& summary, const std::string& version)
    : app(summary, name) {
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", name + " " + version);
  app.add_flag("--json", common.json, "Print one JSON document instead of text");
  app.require_subcommand(1);
}

int Program::run(int argc, char** argv) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    if (std::signal(signal, stop) == SIG_IGN) {
      std::signal(signal, SIG_IGN);  // as nohup and background jobs want it
    }
  }
  const int status = run_command(app, common, argc, argv);
  if (std::fflush(stdout) != 0) {
    std::perror((app.get_name() + ": standard output").c_str());
    return kFailed;
  }
  return status;
}

}  // namespace ingot::cli
