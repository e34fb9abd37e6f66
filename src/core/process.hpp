// Runs a child process without a shell.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ingot {

struct ProcessResult {
  int exit_code = 0;       // 128 + signal number when a signal ended the process
  bool timed_out = false;  // it was killed because its time was up
  std::string output;      // standard output and standard error, interleaved as written
};

/// Runs `arguments[0]` (looked up in PATH unless it holds a '/') and waits for it. Standard input is empty.
/// Throws Error(kNotFound) when the program cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds timeout);

/// The path of an executable named `program` in PATH, or "" when there is none.
std::string find_in_path(const std::string& program);

}  // namespace ingot
