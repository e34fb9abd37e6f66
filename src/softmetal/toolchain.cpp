#include "softmetal/toolchain.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/embedded.hpp"
#include "core/hash.hpp"
#include "core/process.hpp"
#include "core/read_file.hpp"
#include "msl/source.hpp"

namespace ingot::embedded {
extern const std::span<const EmbeddedFile> softmetal_shim;
}

namespace softmetal {
namespace fs = std::filesystem;
using ingot::Error;
using ingot::ErrorCode;
namespace {

constexpr auto kTimeout = std::chrono::minutes(10);
constexpr int kOldestClang = 19;
constexpr int kNewestClang = 30;  // of the versioned names that are looked for

// A header of the shim that a source may include; the others are the shim's own. While
// preprocessing they are empty, so that the macros of the shim's library stay the identifiers that
// the user wrote.
bool is_public(const ingot::EmbeddedFile& file) {
  return !file.path.starts_with("softmetal/") && !file.path.starts_with("strict/");
}

// A source that asks about its target must not find the host.
constexpr std::string_view kMacrosOfTheHost[] = {
    "__linux__",
    "__linux",
    "__gnu_linux__",
    "__unix__",
    "__unix",
    "__x86_64__",
    "__x86_64",
    "__amd64__",
    "__amd64",
    "__aarch64__",
    "__ELF__",
    "_GNU_SOURCE",
    "__ARM_NEON",
    "__MMX__",
    "__SSE__",
    "__SSE2__",
    "__AVX__",
    "__AVX2__",
};

// Nothing of the host's may be found. Unsuffixed literals are float, half is not computed in float
// behind the program's back, and a product may be fused with a sum only where they stand in one
// expression, as in Metal's safe mode. Converted to an integer, a NaN is 0, as MSL says, and what
// lies beyond the type's range is its nearest value.
const std::vector<std::string> kLanguage = {
    "-std=c++17",
    "-nostdinc",
    "-nostdinc++",
    "-fno-color-diagnostics",
    "-fdeclspec",
    "-fsigned-char",
    "-fno-exceptions",
    "-fno-rtti",
    "-ffp-contract=on",
    "-fno-strict-aliasing",
    "-fno-strict-float-cast-overflow",
    "-Xclang",
    "-ffloat16-excess-precision=none",
    "-Xclang",
    "-cl-single-precision-constant",
};

// A source's own warnings are its author's affair; but what is read before it has a value, and lies
// in a register, no check would see.
const std::vector<std::string> kWarnings = {"-Wno-everything",
                                            "-Wuninitialized",
                                            "-Wsometimes-uninitialized",
                                            "-Wconditional-uninitialized"};

// Only what a kernel may call: the C library's mathematics, memcpy, and the compiler's own helpers.
const std::vector<std::string> kLink = {"-shared", "-nostdlib", "-lm", "-lc", "-lgcc"};

int version_of(const std::string& clang) {
  const auto result = ingot::run_process({clang, "--version"}, kTimeout);
  const std::string_view marker = "clang version ";
  const std::size_t at = result.output.find(marker);
  return at == std::string::npos ? 0 : std::atoi(result.output.c_str() + at + marker.size());
}

std::string find_clang() {
  if (const char* chosen = std::getenv("SOFTMETAL_CLANG"); chosen != nullptr && *chosen != 0) {
    const std::string path = fs::path(chosen).is_absolute() ? chosen : ingot::find_in_path(chosen);
    if (path.empty() || access(path.c_str(), X_OK) != 0) {
      throw Error(ErrorCode::kNotFound, "SOFTMETAL_CLANG", std::string(chosen) + " cannot be run");
    }
    return path;
  }
  for (int version = kOldestClang; version <= kNewestClang; ++version) {
    const std::string path = ingot::find_in_path("clang++-" + std::to_string(version));
    if (!path.empty()) {
      return path;
    }
  }
  const std::string path = ingot::find_in_path("clang++");
  if (!path.empty() && version_of(path) >= kOldestClang) {
    return path;
  }
  throw Error(ErrorCode::kNotFound,
              "softmetal",
              "no clang++ of version 19 or newer is in PATH",
              "install clang-19, or name one in SOFTMETAL_CLANG");
}

// Stands for a program's content without reading it.
std::string identity_of(const std::string& program) {
  std::error_code error;
  const fs::path file = fs::canonical(program, error);
  return file.string() + " " + std::to_string(fs::file_size(file, error)) + " " +
         std::to_string(fs::last_write_time(file, error).time_since_epoch().count());
}

// What -march=native depends on, for caches on file systems that several machines share.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string features;
  for (std::string line; std::getline(file, line) && !line.empty();) {
    for (const char* field : {"model name", "flags", "Features", "CPU part"}) {
      if (line.rfind(field, 0) == 0) {
        features += line;
      }
    }
  }
  return features;
}

ingot::Hash128 shim_hash() {
  ingot::Hasher hasher;
  for (const ingot::EmbeddedFile& file : ingot::embedded::softmetal_shim) {
    hasher.add(file.path).add(file.text);
  }
  return hasher.finish();
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw Error(ErrorCode::kIo, path.string(), "cannot be written (is the disk full?)");
  }
}

std::string unique_name() {
  static std::atomic<unsigned> count{0};
  return "part" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

// Whether nothing of the shim's files is missing or cut short.
bool is_complete(const fs::path& directory) {
  std::error_code error;
  return std::ranges::all_of(ingot::embedded::softmetal_shim, [&](const ingot::EmbeddedFile& file) {
    return fs::file_size(directory / "library" / file.path, error) == file.text.size() &&
           (!is_public(file) || fs::exists(directory / "empty" / file.path, error));
  });
}

// The shim as files: "library" with its text, and "empty" with the names alone. A directory appears
// under its name only when it is complete.
fs::path write_shim(const ingot::DiskCache& cache) {
  const fs::path directory = cache.directory() / ("shim-" + shim_hash().hex());
  std::error_code error;
  if (!is_complete(directory)) {
    fs::remove_all(directory, error);
    const fs::path part = cache.directory() / unique_name();
    for (const ingot::EmbeddedFile& file : ingot::embedded::softmetal_shim) {
      write(part / "library" / file.path, file.text);
      if (is_public(file)) {
        write(part / "empty" / file.path, "");
      }
    }
    fs::rename(part, directory, error);
    if (error) {
      fs::remove_all(part);  // another process was first
    }
  }
  return directory;
}

// Removes a file at the end of its scope.
struct TemporaryFile {
  explicit TemporaryFile(fs::path where) : path(std::move(where)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  const fs::path path;
};

}  // namespace

const Toolchain& Toolchain::get() {
  static const Toolchain toolchain;
  return toolchain;
}

Toolchain::Toolchain() : clang_(find_clang()), cache_("softmetal") {
  ingot::Hasher hasher;
  hasher.add(identity_of(clang_)).add(shim_hash().hex()).add(processor());
  for (const auto& flags : {kLanguage,
                            kWarnings,
                            kLink,
                            code_flags({}),
                            code_flags({.checked = true}),
                            code_flags({.coverage = true})}) {
    for (const std::string& flag : flags) {
      hasher.add(flag);
    }
  }
  identity_ = hasher.finish().hex();
}

// Written when first needed, and again when someone has cleared the cache meanwhile.
fs::path Toolchain::shim() const {
  const std::lock_guard lock(mutex_);
  if (!is_complete(shim_)) {
    shim_ = write_shim(cache_);
  }
  return shim_;
}

// Saves most of the time that a small kernel takes. A precompiled header belongs to the very files
// and flags that it was made from.
fs::path Toolchain::precompiled_shim(const std::vector<std::string>& code_flags) const {
  const fs::path header = shim() / "library" / "metal_stdlib";
  const std::lock_guard lock(mutex_);
  fs::path& precompiled = precompiled_[code_flags];
  if (!fs::exists(precompiled)) {
    const auto written = fs::last_write_time(header).time_since_epoch().count();
    ingot::Hasher hasher;
    hasher.add(identity_).add(header.string()).add(static_cast<std::uint64_t>(written));
    for (const std::string& flag : code_flags) {
      hasher.add(flag);
    }
    const std::string key = "shim-" + hasher.finish().hex() + ".pch";
    if (const auto cached = cache_.find(key)) {
      precompiled = *cached;
    } else {
      std::vector<std::string> flags = code_flags;
      flags.insert(flags.end(), {"-w", "-x", "c++-header", "-I", header.parent_path().string()});
      precompiled = cache_.put(key, run(header, flags).file);
    }
  }
  return precompiled;
}

std::vector<std::string> Toolchain::flags_with_shim(const Build& build) const {
  std::vector<std::string> flags = code_flags(build);
  const fs::path precompiled = precompiled_shim(flags);
  flags.insert(flags.end(), {"-I", (shim() / "library").string()});
  flags.insert(flags.end(), {"-include-pch", precompiled.string(), "-x", "c++"});
  return flags;
}

// Runs the compiler on a file.
Toolchain::Output Toolchain::run(const fs::path& input,
                                 const std::vector<std::string>& flags,
                                 const std::vector<std::string>& libraries) const {
  const TemporaryFile output(cache_.directory() / unique_name());
  std::vector<std::string> arguments = {clang_};
  arguments.insert(arguments.end(), kLanguage.begin(), kLanguage.end());
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.insert(arguments.end(), {"-o", output.path.string(), input.string()});
  arguments.insert(arguments.end(), libraries.begin(), libraries.end());
  const auto result = ingot::run_process(arguments, kTimeout);
  if (result.timed_out) {
    throw Error(ErrorCode::kCompile, "shader", "the compiler did not end within ten minutes");
  }
  if (result.exit_code != 0) {
    throw Error(ErrorCode::kCompile, "", result.output);
  }
  return {ingot::read_file(output.path).value_or(""), result.output};
}

// Runs the compiler on a text; again if someone clears the cache in the meantime.
Toolchain::Output Toolchain::run_on(std::string_view text,
                                    const std::function<std::vector<std::string>()>& flags,
                                    const std::vector<std::string>& libraries) const {
  for (;;) {
    const TemporaryFile input(cache_.directory() / unique_name());
    write(input.path, text);
    try {
      return run(input.path, flags(), libraries);
    } catch (const Error&) {
      if (fs::exists(input.path)) {
        throw;
      }
    }
  }
}

std::string Toolchain::preprocess(std::string_view source, const Preprocessing& how) const {
  const std::string marker = ingot::msl::line_marker(1, how.name);
  const auto flags = [&] {
    std::vector<std::string> result = {"-w", "-E", "-x", "c++"};
    for (const std::string_view macro : kMacrosOfTheHost) {
      result.push_back("-U" + std::string(macro));
    }
    result.push_back("-DMETAL_FUNC=inline __attribute__((always_inline))");
    for (const std::string& macro : how.macros) {
      result.push_back("-D" + macro);
    }
    for (const fs::path& directory : how.quoted_directories) {
      result.insert(result.end(), {"-iquote", directory.string()});
    }
    result.insert(result.end(), {"-I", (shim() / "empty").string()});
    for (const fs::path& directory : how.directories) {
      result.insert(result.end(), {"-I", directory.string()});
    }
    return result;
  };
  std::string text = run_on(marker + std::string(source), flags).file;
  // What stands before names the compiler's temporary file.
  const std::size_t start = text.find("# " + marker.substr(marker.find('1')));
  return start == std::string::npos ? text : text.substr(start);
}

void Toolchain::check(std::string_view text) const {
  run_on(text, [&] {
    std::vector<std::string> flags = flags_with_shim({});
    flags.insert(flags.end(), {"-w", "-fsyntax-only"});
    return flags;
  });
}

Toolchain::Compiled Toolchain::compile(std::string_view text, const Build& build) const {
  const std::vector<std::string> own_flags = kernel_flags(build);
  ingot::Hasher hasher;
  hasher.add(identity_).add(text);
  for (const auto& flags : {code_flags(build), own_flags}) {
    for (const std::string& flag : flags) {
      hasher.add(flag);
    }
  }
  const std::string key = "kernel-" + hasher.finish().hex();
  const auto warnings = cache_.get(key + ".txt");
  if (const auto object = cache_.find(key + ".so"); object && warnings) {
    return {*object, *warnings};
  }
  const auto flags = [&] {
    std::vector<std::string> result = flags_with_shim(build);
    result.insert(result.end(), own_flags.begin(), own_flags.end());
    result.insert(result.end(), kWarnings.begin(), kWarnings.end());
    return result;
  };
  const Output output = run_on(text, flags, kLink);
  cache_.put(key + ".txt", output.messages);
  return {cache_.put(key + ".so", output.file), output.messages};
}

}  // namespace softmetal
