// What clang has to say about a text, read back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "softmetal/strict/syntax_tree.hpp"

namespace softmetal::strict {

/// An error or a warning with the notes that follow it. Views of the compiler's output.
struct CompilerMessage {
  struct Part {
    std::string_view file;
    Position position;
    std::string_view text;
  };
  Part main;
  std::vector<Part> notes;
};

/// The errors in what clang wrote.
std::vector<CompilerMessage> read_messages(std::string_view output);

/// The warnings in it, each with its "[-Wname]" at the end.
std::vector<CompilerMessage> read_warnings(std::string_view output);

/// A message of the OpenCL dialect that says something about Metal.
struct Verdict {
  std::string rule;  // "" when it does not
  std::string message;
  std::string reason;
};
Verdict judge(const CompilerMessage& message);

}  // namespace softmetal::strict
