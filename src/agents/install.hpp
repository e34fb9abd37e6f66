// The pack in a project's directory: what is there, and writing it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agents/pack.hpp"

namespace ingot::agents {

enum class FileState {
  kMissing,
  kCurrent,   // as this program writes it
  kOutdated,  // as another version, or another build of this one, wrote it
  kEdited,    // written by Ingot and changed since
  kForeign,   // not written by Ingot
};

/// "missing", "current", "outdated", "edited", "foreign".
std::string_view to_string(FileState state);

struct FileStatus {
  std::string path;  // in the project
  FileState state = FileState::kMissing;
  std::uintmax_t bytes = 0;  // of the file that is there
  std::string version;       // that wrote it; empty: unknown
  std::string text;          // of the file that is there
};

/// What is there of each file. Throws Error(kIo) for one that is there and cannot be read.
std::vector<FileStatus> inspect(const std::filesystem::path& project,
                                const std::vector<PackFile>& pack);

enum class Action {
  kWritten,      // it was missing
  kOverwritten,  // `force` asked for it
  kSkipped,      // it was there
};

/// "written", "overwritten", "skipped".
std::string_view to_string(Action action);

/// Writes the files that are missing, with `force` all. Either all of them appear or, when one
/// cannot be written, none; a file is whole or as it was. Directories are made as needed. Throws
/// Error(kIo) that names the file, also for one that a symbolic link would put outside of the
/// project.
std::vector<Action> install(const std::filesystem::path& project,
                            const std::vector<PackFile>& pack,
                            bool force);

/// Whether the directory looks like the root of a project: a repository, or a build's main file.
bool is_project_root(const std::filesystem::path& directory);

}  // namespace ingot::agents
