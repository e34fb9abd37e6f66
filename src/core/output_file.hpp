// Files that appear under their name only when they are complete.
#pragma once

#include <cstddef>
#include <string>

namespace ingot {

/// A file being written. The bytes go to a hidden file in the same directory, which commit()
/// renames to the final name: readers see the old file or the new one, never a part. A device or a
/// pipe ("/dev/stdout") is written directly. A symbolic link is followed, not replaced.
class OutputFile {
 public:
  /// Throws Error(kIo) that names `path` when its directory does not take new files, so that a long
  /// computation can find this out before it starts.
  explicit OutputFile(const std::string& path);
  /// Removes what was written unless commit() was called.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }

  /// Throws Error(kIo), for example when the disk is full.
  void write(const void* data, size_t bytes);
  /// Puts the complete file in place. Throws Error(kIo).
  void commit();

 private:
  std::string path_;    // as the user wrote it
  std::string target_;  // behind symbolic links
  int slot_ = -1;       // of the list of unfinished files; -1: `path` is written directly
  int descriptor_ = -1;
};

/// Removes the hidden files of all unfinished OutputFiles. For a signal handler that is about to
/// end the process: async-signal-safe.
void remove_unfinished_files() noexcept;

}  // namespace ingot
