// From a source as the user wrote it to the text that is read and compiled, with a memory on disk.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "softmetal/toolchain.hpp"

namespace softmetal {

/// Where a source comes from, and what it is compiled with.
struct SourceOptions {
  unsigned metal_version = 310;     // __METAL_VERSION__
  std::vector<std::string> macros;  // "NAME=value" or "NAME"
  /// The source's own file, or "" for a text without one. Diagnostics name it, and its directory is
  /// the first that #include "..." searches.
  std::filesystem::path file;
  std::vector<std::filesystem::path> include_directories;
  bool strict = false;  // refuse what Apple's compiler would refuse
};

/// A preprocessed source. What passes the checks is remembered, with the hashes of all files that
/// it includes, so that the same source costs neither a compiler nor a check the next time.
class Preprocessed {
 public:
  /// From the memory, or made anew. Throws ingot::Error(kCompile) with file:line:column.
  Preprocessed(std::string_view source, const SourceOptions& options);

  const std::string& name() const { return name_; }  // as diagnostics show the source
  const std::string& text() const { return text_; }

  /// Whether remember() was called for this source, perhaps by another process.
  bool has_passed() const { return has_passed_; }

  /// Notes that the text has passed the checks. `files` are those that its line markers name.
  void remember(const std::vector<std::string>& files) const;

 private:
  std::string name_;
  std::string key_;
  std::string text_;
  bool has_passed_ = false;
};

}  // namespace softmetal
