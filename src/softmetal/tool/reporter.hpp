// How a command tells what it found: as text while it goes on, in its JSON document, and as SARIF.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "core/output_file.hpp"
#include "softmetal/tool/report.hpp"

namespace softmetal::tool {

class Reporter {
 public:
  /// Opens the file for the SARIF log, unless its name is "". With `json` nothing is printed.
  Reporter(bool json, const std::string& sarif);

  /// Prints a report on standard error and keeps it; one that was added before counts once. From
  /// any thread.
  void add(const Report& report);

  /// Calls `compile`; the errors of a source that does not compile are added, and false is
  /// returned. Other errors are thrown.
  template <class F>
  bool compiles(const std::string& file, const F& compile) {
    try {
      compile();
      return true;
    } catch (const ingot::Error& error) {
      if (error.code() != ingot::ErrorCode::kCompile) {
        throw;
      }
      for (const Report& report : reports_of(error, file)) {
        add(report);
      }
      return false;
    }
  }

  bool has_errors() const;

  /// Puts what was found at the same time into the order of the sources.
  void sort();

  /// Writes the SARIF log, if one was asked for. Once, at the end.
  void finish();

  /// "2 errors and 1 warning"; "" when there is nothing.
  std::string summary() const;

  const std::vector<Report>& reports() const { return reports_; }
  ingot::cli::Json json() const;

 private:
  const bool json_;
  const bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  std::optional<ingot::OutputFile> sarif_;
  std::mutex mutex_;  // guards what follows
  SourceLines lines_;
  std::vector<Report> reports_;
};

/// Calls `act`. When it throws because a source does not compile, prints what is wrong, or with
/// `json` an error document that has it as a list, and ends the program with exit code 1.
void report_compile_errors(bool json, const std::string& file, const std::function<void()>& act);

}  // namespace softmetal::tool
