// Runs a child process without a shell.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace ingot {

/// What ends a process before its time, and where it runs.
struct ProcessOptions {
  std::chrono::milliseconds timeout;
  std::string directory = {};          // to run in; empty: the caller's
  std::size_t most_output = SIZE_MAX;  // bytes of its standard output, or of its standard error
  std::stop_token stop = {};
};

struct ProcessResult {
  int exit_code = 0;       // 128 + signal number when a signal ended the process
  bool timed_out = false;  // it was killed because its time was up
  bool stopped = false;    // it was killed because the caller asked for it
  bool too_much = false;   // it was killed because it wrote more than the caller takes
  std::string output;      // standard output, and standard error where it is not kept apart
  std::string errors;      // standard error, where it is kept apart
};

/// Runs `arguments[0]` (looked up in PATH unless it holds a '/') and waits for it. Standard input
/// is empty. Throws Error(kNotFound) when the program cannot be started. Standard output and
/// standard error come interleaved, as they are written.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds timeout);

/// The same with the outputs kept apart, and more ways to end it.
ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options);

/// The path of the program that runs now. Throws Error(kNotFound) where the system does not tell.
std::string program_path();

/// The path of an executable named `program` in PATH, or "" when there is none.
std::string find_in_path(const std::string& program);

}  // namespace ingot
