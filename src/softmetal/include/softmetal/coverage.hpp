// How often each line of the shaders ran.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace softmetal {

/// Counts of lines and kernels. Kernels collect them while Options::coverage is on, which
/// SOFTMETAL_COVERAGE=FILE turns on; they then run without optimisation, and checks cannot be on.
///
/// A line counts as often as the part of it that ran most: the head of a loop once more than its
/// body. Where code of one line belongs to several functions (the instances of a template, two
/// functions in one line) and where several kernels share it, the counts are added up. Lines
/// without code are not listed, nor is code that the compiler never met: templates that nothing
/// instantiates, functions that no kernel which was made calls.
struct Coverage {
  struct Kernel {
    std::uint32_t line = 0;     // where its body begins
    std::uint64_t threads = 0;  // that ran it
    friend bool operator==(const Kernel&, const Kernel&) = default;
  };
  struct File {
    std::map<std::uint32_t, std::uint64_t> lines;
    std::map<std::string, Kernel> kernels;  // by the name that a host program asks for
    friend bool operator==(const File&, const File&) = default;
  };

  /// By the name in the source's line markers. A source given as text without any is
  /// "program_source-" and eight digits that differ from source to source: begin it with
  /// `#line 1 "shader.metal"`.
  std::map<std::string, File> files;

  Coverage& operator+=(const Coverage& other);

  /// The format of lcov's .info files, which genhtml and most services for coverage read. Names of
  /// files that exist are made absolute.
  std::string to_lcov() const;
};

/// Takes what has been counted in this process since the last call. Dispatches that are running are
/// counted in part.
Coverage take_coverage();

/// Writes a .info file, complete or not at all; "%p" in the path stands for the process's id.
/// Throws ingot::Error (kIo). SOFTMETAL_COVERAGE=FILE does this when the process ends.
void write_coverage(const Coverage& coverage, const std::string& path);

}  // namespace softmetal
