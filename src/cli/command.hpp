// What the commands share: how they are added to the program, and how they report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "nlohmann/json.hpp"

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

#include "runtime/value.hpp"

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

/// init_backend, with a note on standard error where the device has something to say.
Backend open_backend(BackendPreference preference);

// One function per command; each sets the callback that does the work.
void add_kernels(CLI::App& app, Common& common);
void add_pipeline(CLI::App& app, Common& common);
void add_run(CLI::App& app, Common& common);
void add_devices(CLI::App& app, Common& common);
void add_bench(CLI::App& app, Common& common);
void add_version(CLI::App& app, Common& common);
void add_completion(CLI::App& app, Common& common);

/// Placeholders of option values in --help. The shell completion offers the values that they stand
/// for.
inline constexpr const char* kKernelValue = "KERNEL";
inline constexpr const char* kDeviceValue = "DEVICE";
inline constexpr const char* kDomainValue = "DOMAIN";
inline constexpr const char* kShellValue = "SHELL";

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

/// Ends the program with exit code 1 after a command has reported its failures itself.
struct Failed {};

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

/// Prints a document, indented, as the whole standard output.
void print_json(const Json& document);

Json json_of(const Error& error);
Json json_of(const Value& value);
/// A parameter's value as the command line takes it.
std::string to_text(const Value& value);

}  // namespace ingot::cli
