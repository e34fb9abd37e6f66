// The directories below which tools may read and write files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ingot::mcp {

class Roots {
 public:
  /// Throws Error(kNotFound) for one that is not a directory.
  explicit Roots(const std::vector<std::string>& directories);

  /// The real path of a regular file below a root. A relative path is looked for below each root in
  /// turn. Throws Error(kInvalidArgument) for a path that is, or through symbolic links leads,
  /// elsewhere, and Error(kNotFound) where there is no such file.
  std::filesystem::path readable(const std::string& path) const;

  /// The real path of a file that may be written: one below a root that does not exist or is a
  /// regular file, no link, with the extension `extension`. A relative path is below the first
  /// root. Throws Error.
  std::filesystem::path writable(const std::string& path, const std::string& extension) const;

  bool contains(const std::filesystem::path& real) const;

 private:
  std::vector<std::filesystem::path> roots_;  // real paths
};

}  // namespace ingot::mcp
