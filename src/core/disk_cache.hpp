// A cache of files under the user's cache directory. It may be deleted at any time, also while in use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ingot {

/// $INGOT_CACHE_DIR, else $XDG_CACHE_HOME/ingot, else ~/Library/Caches/ingot (macOS) or ~/.cache/ingot.
/// Empty when none of the variables is set.
std::filesystem::path user_cache_directory();

/// One section (a sub-directory) of the user's cache. An entry is a file: the bytes put in, and a trailer with their
/// length and hash. Entries are written under a temporary name and renamed, so that several processes may fill the cache
/// at once; an entry that was cut short or changed is deleted when it is met, and counts as absent.
/// Where the directory cannot be written, a temporary directory, removed when the process ends, takes its place.
/// Safe to use from several threads.
class DiskCache {
 public:
  /// `section` becomes the sub-directory's name. `root` is for tests; the default is the user's.
  explicit DiskCache(std::string_view section,
                     const std::filesystem::path& root = user_cache_directory());

  /// The bytes of an entry, if it is there and whole.
  std::optional<std::string> get(std::string_view key) const;

  /// The file of an entry, if it is there and whole; the trailer follows the bytes (an ELF loader ignores it).
  std::optional<std::filesystem::path> find(std::string_view key) const;

  /// Stores an entry and gives its file. Throws Error(kIo) when not even the temporary directory takes it.
  std::filesystem::path put(std::string_view key, std::string_view bytes) const;

  /// A directory on the same file system, for the files that a compiler writes.
  const std::filesystem::path& directory() const { return directory_; }

  /// Why nothing outlives this process, for a notice to the user; empty when the cache is the persistent one.
  const std::string& fallback_reason() const { return fallback_reason_; }

 private:
  std::filesystem::path directory_;
  std::string fallback_reason_;
};

}  // namespace ingot
