#include "softmetal/strict/dialect.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <unistd.h>
#include <vector>

#include "ingot/error.hpp"

#include "core/hash.hpp"
#include "core/process.hpp"
#include "core/read_file.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal::strict {
namespace fs = std::filesystem;
using ingot::Error;
using ingot::ErrorCode;
namespace {

constexpr auto kTimeout = std::chrono::minutes(2);

// All errors, each in one line. With a summary of errors, which carets bring along, messages and
// tree could not be told apart.
const std::vector<std::string> kFlags = {
    "-x",
    "clcpp",
    "-cl-std=CLC++2021",
    "-cl-no-stdinc",
    "-cl-single-precision-constant",
    "-nostdinc",
    "-nostdinc++",
    "-w",
    "-ferror-limit=0",
    "-fno-caret-diagnostics",
    "-fno-color-diagnostics",
    "-fdeclspec",
    "-fsigned-char",
    "-fno-exceptions",
    "-fno-rtti",
    "-Xclang",
    "-ffloat16-excess-precision=none",
};

std::string run_clang(const std::vector<std::string>& more, bool must_succeed) {
  std::vector<std::string> arguments = {Toolchain::get().clang()};
  arguments.insert(arguments.end(), kFlags.begin(), kFlags.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  ingot::ProcessResult result = ingot::run_process(arguments, kTimeout);
  if (result.timed_out) {
    throw Error(ErrorCode::kCompile, "shader", "the strict check did not end within two minutes");
  }
  if (result.exit_code > 1 || (must_succeed && result.exit_code != 0)) {
    throw Error(ErrorCode::kInternal, "the compiler of strict mode", std::move(result.output));
  }
  return std::move(result.output);
}

std::string unique_name(std::string_view suffix) {
  static std::atomic<unsigned> count{0};
  return "strict" + std::to_string(getpid()) + "-" + std::to_string(count++) + std::string(suffix);
}

// A file in the cache's directory that lives as long as this object.
struct ScratchFile {
  explicit ScratchFile(std::string_view suffix)
      : path(Toolchain::get().cache().directory() / unique_name(suffix)) {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  const fs::path path;
};

// The library, precompiled once for each version of clang and of the library.
fs::path precompiled_library(const fs::path& library) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const fs::path header = library / "strict" / "metal_strict";
  ingot::Hasher hasher;
  hasher.add(Toolchain::get().identity()).add(header.string());
  hasher.add(static_cast<std::uint64_t>(fs::last_write_time(header).time_since_epoch().count()));
  for (const std::string& flag : kFlags) {
    hasher.add(flag);
  }
  const std::string key = "strict-" + hasher.finish().hex() + ".pch";
  if (const auto cached = Toolchain::get().cache().find(key)) {
    return *cached;
  }
  const ScratchFile output(".pch");
  run_clang({"-I",
             (library / "strict").string(),
             "-I",
             library.string(),
             "-c",
             "-Xclang",
             "-emit-pch",
             "-o",
             output.path.string(),
             header.string()},
            true);
  return Toolchain::get().cache().put(key, ingot::read_file(output.path).value_or(""));
}

}  // namespace

Analysis analyse(const std::string& text) {
  const fs::path library = Toolchain::get().shim() / "library";
  const fs::path precompiled = precompiled_library(library);
  const ScratchFile input(".clcpp");
  std::ofstream(input.path, std::ios::binary) << text;
  Analysis result;
  result.file = input.path.string();
  result.messages = run_clang(
      {"-include-pch", precompiled.string(), "-fsyntax-only", "-Xclang", "-ast-dump", result.file},
      false);
  const std::size_t tree = result.messages.find("TranslationUnitDecl ");
  if (tree == std::string::npos) {
    throw Error(ErrorCode::kInternal, "the compiler of strict mode", result.messages);
  }
  result.tree = result.messages.substr(tree);
  result.messages.resize(tree);
  return result;
}

}  // namespace softmetal::strict
