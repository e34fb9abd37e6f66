// The options that say how a source is read.
#pragma once

#include <string>
#include <vector>

#include "program/command.hpp"
#include "softmetal/include/softmetal/run.hpp"

namespace softmetal::tool {

struct SourceArguments {
  std::vector<std::string> defines;
  std::vector<std::string> include_directories;
  std::string standard = "metal3.1";
};

/// Adds -D, -I and --std.
void add_source_options(CLI::App& command, SourceArguments& arguments);

/// Reads a file. Throws ingot::Error(kIo), and UsageError for a language version that is none.
Source read_source(const std::string& file, const SourceArguments& arguments);

}  // namespace softmetal::tool
