// A program made of commands: from main()'s arguments to its exit code.
#pragma once

#include "program/command.hpp"

namespace ingot::cli {

/// Commands are added to `app` before run().
struct Program {
  Program(const std::string& name, const std::string& summary, const std::string& version);

  /// Parses the arguments, runs the command that they name and reports its error, as text or, with
  /// --json, as a document. The exit code: 0 done, 1 failed, 2 wrong usage. Ctrl-C and other
  /// signals end the process at once and leave no part of a file.
  int run(int argc, char** argv);

  CLI::App app;
  Common common;
};

}  // namespace ingot::cli
