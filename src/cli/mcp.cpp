// ingot mcp
#include <chrono>
#include <csignal>
#include <memory>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/command.hpp"

#include "core/process.hpp"
#include "mcp/environment.hpp"
#include "mcp/server.hpp"
#include "mcp/stdio.hpp"
#include "mcp/tools.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::vector<std::string> roots;
  int timeout = 120;  // seconds
};

// The server's own standard output is for the protocol alone: what anything else prints there goes
// to standard error.
int take_standard_output() {
  const int output = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return output;
}

// A call that asks for more than three quarters of the machine's memory gets an error in place of
// the memory. Children inherit the limit. Sanitizers map far more than they use.
void limit_memory() {
#if !defined(INGOT_SANITIZED)
  const auto bytes = static_cast<rlim_t>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<rlim_t>(sysconf(_SC_PAGE_SIZE)) / 4 * 3;
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur > bytes) {
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_DATA, &limit);
  }
#endif
}

mcp::RunProgram runner(int timeout) {
  return [timeout, program = program_path()](const std::vector<std::string>& arguments,
                                             const std::string& directory,
                                             std::stop_token stop) {
    constexpr size_t kMostOutput = size_t{4} << 20;
    std::vector<std::string> line = {program};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return run_process(line,
                       ProcessOptions{.timeout = std::chrono::seconds(timeout),
                                      .directory = directory,
                                      .most_output = kMostOutput,
                                      .stop = std::move(stop)});
  };
}

void serve(const Arguments& arguments) {
  const mcp::Environment environment{runner(arguments.timeout),
                                     from_usage([&] { return mcp::Roots(arguments.roots); })};
  limit_memory();
  std::signal(SIGPIPE, SIG_IGN);  // calls that run are ended before the program
  mcp::Server server(mcp::all_tools(environment), INGOT_VERSION);
  mcp::serve(server, STDIN_FILENO, take_standard_output());
}

}  // namespace

void add_mcp(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {"Serve the Model Context Protocol on standard input and output",
                     {"For coding agents: they start it and call its tools. Files are read and "
                      "written only below\n"
                      "--root; without one, tools take what is in the message alone.",
                      "Revisions 2026-07-28, 2025-11-25 and 2025-06-18 of the protocol."},
                     {"ingot mcp", "ingot mcp --root . --timeout 600"}};
  CLI::App& command = add_command(app, "mcp", help, common);
  add_repeated(
      command, "--root", arguments->roots, "Directory that tools may use; repeat it for more")
      ->type_name("DIR");
  command.add_option("--timeout", arguments->timeout, "Seconds after which a call is ended")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  command.callback([arguments] { serve(*arguments); });
}

}  // namespace ingot::cli
