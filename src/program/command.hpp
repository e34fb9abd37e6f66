// What commands of a command line share: how they are added to the program, and how they report.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "nlohmann/json.hpp"

#include "ingot/error.hpp"

namespace ingot::cli {

using Json = nlohmann::ordered_json;

/// Options of every command.
struct Common {
  bool json = false;         // one JSON document on standard output, nothing else
  std::string command_line;  // as it was given, for records of measurements
};

/// What --help says about a command: a line, paragraphs below the options, and command lines.
struct Help {
  std::string summary;
  std::vector<std::string> details;
  std::vector<std::string> examples;
};

/// Adds a command with --help and --json.
CLI::App& add_command(CLI::App& parent, const std::string& name, const Help& help, Common& common);

/// "ingot kernels show": the program, and the commands down to this one.
std::string path_of(const CLI::App& command);

/// An option that may be given several times, each with one value.
CLI::Option* add_repeated(CLI::App& command,
                          const std::string& name,
                          std::vector<std::string>& values,
                          const std::string& help);

/// What a placeholder of an option's value in --help ("KERNEL") stands for, for shell completion;
/// none: a file's name, or free text. Placeholders such as "dot|cosine" need no entry.
using Completions = std::function<std::vector<std::string>(const std::string& placeholder)>;

/// Adds `completion SHELL`, which prints a script that completes everything that `app` has when the
/// command runs.
void add_completion(CLI::App& app, Common& common, const Completions& completions);

/// An error that the text of the command line alone shows: exit code 2 instead of 1.
class UsageError : public Error {
 public:
  explicit UsageError(const Error& error) : Error(error) {}
  UsageError(std::string subject, std::string problem, std::string remedy = {})
      : Error(ErrorCode::kInvalidArgument,
              std::move(subject),
              std::move(problem),
              std::move(remedy)) {}
};

/// Ends the program with an exit code after a command has reported itself.
struct Failed {
  int exit_code = 1;
};

/// Calls `read`, which reads a text of the command line, and turns its errors into usage errors.
template <class F>
decltype(auto) from_usage(F&& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw UsageError(error);
  }
}

/// "10M" -> 10000000; k, M and G are powers of 1000. Throws UsageError.
int64_t parse_count(const std::string& subject, std::string_view text);

/// The name before and the value behind the first '='.
struct Assignment {
  std::string_view name, value;
};

/// Reads "NAME=VALUE", neither empty. Throws UsageError with `option` as its subject.
Assignment parse_assignment(const char* option, std::string_view text);

/// Prints a document, indented, as the whole standard output.
void print_json(const Json& document);

Json json_of(const Error& error);

}  // namespace ingot::cli
