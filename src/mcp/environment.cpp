#include "mcp/environment.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "planner/document.hpp"

namespace ingot::mcp {
namespace fs = std::filesystem;
namespace {

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text.substr(text.rfind('\n') + 1);
}

// A command's error, its reports about a source included.
Error error_of(const Json& content) {
  std::string problem = content.value("problem", "failed");
  for (const Json& report : content.value("reports", Json::array())) {
    problem += fmt::format("\n{}:{}: {}",
                           report.value("file", ""),
                           report.value("line", 0),
                           report.value("message", ""));
  }
  return {ErrorCode::kInvalidArgument,
          content.value("subject", ""),
          std::move(problem),
          content.value("remedy", "")};
}

}  // namespace

Json run_command(const Environment& environment,
                 std::vector<std::string> arguments,
                 std::stop_token stop,
                 const std::string& directory) {
  const std::string command = arguments.front();
  const ProcessResult result = environment.run(arguments, directory, std::move(stop));
  const auto fail = [&](std::string problem, std::string remedy = {}) {
    throw Error(ErrorCode::kDevice, "ingot " + command, std::move(problem), std::move(remedy));
  };
  if (result.stopped) {
    fail("was stopped");
  }
  if (result.timed_out) {
    fail("took too long and was ended", "less work, or ingot mcp --timeout SECONDS");
  }
  if (result.too_much) {
    fail("prints more than a message may hold", "less work");
  }
  Json document;
  try {
    document = planner::read_json(result.output, "answer");
  } catch (const Error&) {
    fail(fmt::format("ended with exit code {}: {}", result.exit_code, last_line(result.errors)));
  }
  if (document.is_object() && document.contains("error") && document["error"].is_object()) {
    throw error_of(document["error"]);
  }
  return document;
}

std::string option(const std::string& name, const std::string& value) {
  return "--" + name + "=" + value;
}

std::string scalar_text(const std::string& name, const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_number() || value.is_boolean()) {
    return value.dump();
  }
  throw Error(ErrorCode::kInvalidArgument, name, "must be a number, a word, true or false");
}

const std::string& plain_name(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 64 &&
                     (std::isalpha(static_cast<unsigned char>(name[0])) != 0) &&
                     std::ranges::all_of(name, [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '-';
                     });
  if (!plain) {
    throw Error(ErrorCode::kInvalidArgument, name, "is not a name: letters, digits, _ and -");
  }
  return name;
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (fs::temp_directory_path() / "ingot-mcp-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorCode::kIo, name, "cannot be made");
  }
  path_ = fs::canonical(name);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ingot::mcp
