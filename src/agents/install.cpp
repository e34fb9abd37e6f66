#include "agents/install.hpp"

#include <algorithm>
#include <list>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "agents/stamp.hpp"
#include "core/output_file.hpp"
#include "core/read_file.hpp"

namespace ingot::agents {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& path, std::string problem, std::string remedy = {}) {
  throw Error(ErrorCode::kIo, path.string(), std::move(problem), std::move(remedy));
}

std::string text_of(const fs::path& path) {
  std::optional<std::string> text = read_file(path);
  if (!text) {
    fail(path, "cannot be read");
  }
  return std::move(*text);
}

FileState state_of(const std::string& text, const PackFile& file) {
  if (text == file.text) {
    return FileState::kCurrent;
  }
  const Stamp stamp = read_stamp(text);
  if (stamp.version.empty()) {
    return FileState::kForeign;
  }
  return stamp.intact ? FileState::kOutdated : FileState::kEdited;
}

// Follows each part of `path` below `project`; links may lead anywhere inside of it.
void refuse_links_outside(const fs::path& project, const fs::path& path) {
  const fs::path root = fs::canonical(project);
  fs::path reached = project;
  for (const fs::path& part : path) {
    reached /= part;
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(reached, error))) {
      continue;
    }
    const fs::path real = fs::canonical(reached, error);
    const bool inside =
        !error &&
        std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
    if (!inside) {
      fail(reached,
           "is a symbolic link that leaves the project, or leads nowhere",
           "remove the link, or choose the other directory with --dir");
    }
  }
}

// Directories made for files; those that stay empty are removed again, unless they are kept.
class MadeDirectories {
 public:
  ~MadeDirectories() {
    std::error_code ignored;
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
      fs::remove(*made, ignored);  // fails where something is in it
    }
  }

  void make(const fs::path& directory) {
    if (fs::is_directory(directory)) {
      return;
    }
    make(directory.parent_path());
    std::error_code error;
    fs::create_directory(directory, error);
    if (error) {
      fail(directory, "cannot be made: " + error.message(), "check that you may write there");
    }
    made_.push_back(directory);
  }

  void keep() { made_.clear(); }

 private:
  std::vector<fs::path> made_;
};

}  // namespace

std::string_view to_string(FileState state) {
  constexpr std::string_view kWords[] = {"missing", "current", "outdated", "edited", "foreign"};
  return kWords[static_cast<size_t>(state)];
}

std::string_view to_string(Action action) {
  constexpr std::string_view kWords[] = {"written", "overwritten", "skipped"};
  return kWords[static_cast<size_t>(action)];
}

std::vector<FileStatus> inspect(const fs::path& project, const std::vector<PackFile>& pack) {
  std::vector<FileStatus> statuses;
  for (const PackFile& file : pack) {
    FileStatus status;
    status.path = file.path;
    std::error_code error;
    if (fs::exists(project / file.path, error)) {
      status.text = text_of(project / file.path);
      status.state = state_of(status.text, file);
      status.bytes = status.text.size();
      status.version = read_stamp(status.text).version;
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

std::vector<Action> install(const fs::path& project,
                            const std::vector<PackFile>& pack,
                            bool force) {
  if (!fs::is_directory(project)) {
    fail(project, "is not a directory", "--dir DIRECTORY");
  }
  std::vector<Action> actions;
  MadeDirectories directories;
  std::list<OutputFile> outputs;
  for (const PackFile& file : pack) {
    const fs::path path = project / file.path;
    refuse_links_outside(project, file.path);
    std::error_code error;
    const bool exists = fs::exists(path, error);
    if (exists && !force) {
      actions.push_back(Action::kSkipped);
      continue;
    }
    directories.make(path.parent_path());
    outputs.emplace_back(path.string()).write(file.text.data(), file.text.size());
    actions.push_back(exists ? Action::kOverwritten : Action::kWritten);
  }
  for (OutputFile& output : outputs) {
    output.commit();
  }
  directories.keep();
  return actions;
}

bool is_project_root(const fs::path& directory) {
  constexpr const char* kMarks[] = {".git",
                                    "CMakeLists.txt",
                                    "Makefile",
                                    "meson.build",
                                    "pyproject.toml",
                                    "setup.py",
                                    "package.json",
                                    "Package.swift",
                                    "Cargo.toml",
                                    "go.mod"};
  return std::ranges::any_of(kMarks, [&](const char* mark) {
    std::error_code error;
    return fs::exists(directory / mark, error);
  });
}

}  // namespace ingot::agents
