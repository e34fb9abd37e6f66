// Trees of /proc and /sys for tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "health/linux/signals.hpp"

namespace ingot::health {

/// The files of a recording: a line "==> path <==" before each.
inline std::map<std::string, std::string> read_recording(const std::string& file) {
  std::ifstream stream(file);
  std::map<std::string, std::string> files;
  std::string path;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("==> ") && line.ends_with(" <==")) {
      path = line.substr(4, line.size() - 8);
      files[path];
    } else {
      files[path] += line + "\n";
    }
  }
  return files;
}

/// Files in a temporary directory.
class TemporaryTree {
 public:
  explicit TemporaryTree(const std::map<std::string, std::string>& files) {
    std::string name = (std::filesystem::temp_directory_path() / "ingot-tree-XXXXXX").string();
    root_ = mkdtemp(name.data());
    for (const auto& [path, text] : files) {
      write(path, text);
    }
  }
  ~TemporaryTree() { std::filesystem::remove_all(root_); }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  Snapshot read(const SampleOptions& options = {}) { return read_linux(tree(), history_, options); }
  Tree tree() const { return Tree(root_); }

 private:
  std::filesystem::path root_;
  LinuxHistory history_;
};

}  // namespace ingot::health
