// A command in the foreground, as a shell would run it, for `ingot watch`.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace ingot::cli {

/// How a command has ended, and what it used.
struct CommandResult {
  int exit_code = 0;  // 128 + signal number when a signal ended it
  double cpu_seconds = 0;
  double largest_rss_gb = 0;  // of the largest single process that it waited for, itself included
};

/// Runs in this process's group with its standard input, output and error. Signals that others send
/// to this process are passed on; those of the terminal reach the command by themselves. When the
/// command is stopped from the terminal, so is this process. One at a time in a process.
class WatchedCommand {
 public:
  /// Starts it. Throws Error(kNotFound) when there is no such program, Error(kUnsupported) when it
  /// cannot be executed.
  explicit WatchedCommand(const std::vector<std::string>& arguments);
  ~WatchedCommand();
  WatchedCommand(const WatchedCommand&) = delete;
  WatchedCommand& operator=(const WatchedCommand&) = delete;

  pid_t process() const { return process_; }

  /// Waits for its end; it is never ended from here.
  CommandResult wait();

 private:
  pid_t process_ = -1;
};

}  // namespace ingot::cli
