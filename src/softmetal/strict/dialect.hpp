// clang's OpenCL dialect of C++, with the library in it.
#pragma once

#include <string>

namespace softmetal::strict {

/// What clang has to say about a text, and the syntax tree that it made of it.
struct Analysis {
  std::string file;  // the text's, as messages and tree call it
  std::string messages;
  std::string tree;
};

/// Analyses a text of the dialect against the library. Errors of the text are among the messages.
/// Throws ingot::Error when clang does not end or fails in another way.
Analysis analyse(const std::string& text);

}  // namespace softmetal::strict
