// The compiler and the caches that all libraries share.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/disk_cache.hpp"
#include "softmetal/build.hpp"

namespace softmetal {

/// The name of a source that comes as text, as Metal has it.
inline constexpr std::string_view kSourceName = "program_source";

/// The clang that compiles shaders, and where its results are kept.
class Toolchain {
 public:
  /// Found once a process. Throws ingot::Error(kNotFound) when there is no clang 19 or newer.
  static const Toolchain& get();

  struct Preprocessing {
    std::string name;                                       // of the source, as diagnostics show it
    std::vector<std::string> macros;                        // "NAME=value" or "NAME"
    std::vector<std::filesystem::path> quoted_directories;  // searched by #include "..." alone
    std::vector<std::filesystem::path> directories;
  };

  /// The source after preprocessing, with line markers; the first one names the source.
  /// Throws ingot::Error(kCompile) with the compiler's message.
  std::string preprocess(std::string_view source, const Preprocessing& how) const;

  /// Throws ingot::Error(kCompile) unless the text is valid C++ for the shim.
  void check(std::string_view text) const;

  struct Compiled {
    std::filesystem::path object;  // shared
    std::string warnings;          // about variables that are read before they have a value
  };
  /// A text, compiled or from the cache. Throws ingot::Error(kCompile) with the compiler's message.
  Compiled compile(std::string_view text, const Build& build) const;

  const ingot::DiskCache& cache() const { return cache_; }

  /// Whether a file is one that the toolchain made: a kernel's object, or a file of the shim.
  bool owns(std::string_view file) const { return file.starts_with(cache_.directory().string()); }

  const std::string& clang() const { return clang_; }

  /// The library's files are in "library" below this directory.
  std::filesystem::path shim() const;

  /// Changes whenever the compiler or the shim does.
  const std::string& identity() const { return identity_; }

 private:
  Toolchain();
  struct Output {
    std::string file;      // the content of what was made
    std::string messages;  // what the compiler said
  };
  Output run(const std::filesystem::path& input,
             const std::vector<std::string>& flags,
             const std::vector<std::string>& libraries = {}) const;
  Output run_on(std::string_view text,
                const std::function<std::vector<std::string>()>& flags,
                const std::vector<std::string>& libraries = {}) const;
  std::filesystem::path precompiled_shim(const std::vector<std::string>& code_flags) const;
  std::vector<std::string> flags_with_shim(const Build& build) const;

  std::string clang_;
  ingot::DiskCache cache_;
  std::string identity_;
  // Guarded by mutex_: the files that sources are compiled against.
  mutable std::mutex mutex_;
  mutable std::filesystem::path shim_;
  mutable std::map<std::vector<std::string>, std::filesystem::path> precompiled_;  // by flags
};

}  // namespace softmetal
