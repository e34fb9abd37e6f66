// What is reported about a source: errors of the compiler, findings of the checks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ingot/error.hpp"

#include "program/command.hpp"
#include "softmetal/diagnostic.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal::tool {

enum class Level { kError, kWarning, kAdvice };

/// "error", "warning", "advice".
std::string_view name_of(Level level);

/// One thing to correct, at a place.
struct Report {
  struct Note {
    Place place;
    std::string message;
  };

  Level level = Level::kError;
  std::string rule;  // "compile", "race", ...
  Place place;       // line 0: of the whole file
  std::string message;
  std::vector<std::string> details;  // lines below the message
  std::vector<Note> notes;           // further places
  std::string remedy;                // or ""
};

/// What the compiler or the reader says in an error of code kCompile about a source in `file`, each
/// mistake once.
std::vector<Report> reports_of(const ingot::Error& error, const std::string& file);

Report report_of(const Finding& finding);

/// An error; a warning where only Apple's compiler refuses the source, unless `strict` says that
/// this counts.
Report report_of(const Diagnostic& diagnostic, bool strict);

/// The lines of the files that reports are about; each file is read once.
class SourceLines {
 public:
  /// nullptr when there is no such file or line.
  const std::string* line(const std::string& file, std::uint32_t number);

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

/// "file:line:column: error: message [rule]", the line with a caret below the column, and what
/// belongs to it, as editors understand it. Ends with a newline. Colours are for `stream`.
std::string to_text(const Report& report, SourceLines& lines, std::FILE* stream);

ingot::cli::Json json_of(const Report& report);
ingot::cli::Json json_of(const Finding& finding);

}  // namespace softmetal::tool
