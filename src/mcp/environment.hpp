// What tools work with: the program itself, run for each call, and files.
//
// A tool's work is done by `ingot` in a process of its own, through the same command and the same
// JSON that people get. So a call can be ended at any time, and neither a compiler nor a kernel
// that fails, hangs or prints reaches the server.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/process.hpp"
#include "mcp/json.hpp"
#include "mcp/roots.hpp"

namespace ingot::mcp {

/// Runs `ingot` with arguments in a directory ("": any).
using RunProgram = std::function<ProcessResult(
    const std::vector<std::string>& arguments, const std::string& directory, std::stop_token stop)>;

struct Environment {
  RunProgram run;
  Roots roots;
};

/// The JSON document that a command prints. Throws Error with what the command reports, and where
/// it was ended before its time.
Json run_command(const Environment& environment,
                 std::vector<std::string> arguments,
                 std::stop_token stop,
                 const std::string& directory = {});

/// "--name=value": one argument, whatever `value` begins with.
std::string option(const std::string& name, const std::string& value);

/// A number, word or flag as the command line takes it. Throws Error(kInvalidArgument) for anything
/// else.
std::string scalar_text(const std::string& name, const Json& value);

/// A name that a command line cannot take for anything else. Throws Error(kInvalidArgument).
const std::string& plain_name(const std::string& name);

/// A directory that is removed, with what it holds, at the end.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ingot::mcp
