#include "mcp/roots.hpp"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"

namespace ingot::mcp {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRemedy =
    "a path below a directory that the server was started with: --root DIR";

void refuse_zero_bytes(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, "path", "is empty or has a zero byte");
  }
}

}  // namespace

Roots::Roots(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    std::error_code error;
    fs::path real = fs::canonical(directory, error);
    if (error || !fs::is_directory(real)) {
      throw Error(ErrorCode::kNotFound, directory, "is not a directory", "--root DIR");
    }
    roots_.push_back(std::move(real));
  }
}

bool Roots::contains(const fs::path& real) const {
  return std::ranges::any_of(roots_, [&](const fs::path& root) {
    return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
  });
}

fs::path Roots::readable(const std::string& path) const {
  refuse_zero_bytes(path);
  std::error_code error;
  for (const fs::path& root : roots_) {
    const fs::path real = fs::canonical(root / path, error);  // an absolute path replaces the root
    if (error) {
      continue;
    }
    if (!contains(real)) {
      throw Error(
          ErrorCode::kInvalidArgument, path, "is outside the directories of the server", kRemedy);
    }
    if (!fs::is_regular_file(real, error)) {
      throw Error(ErrorCode::kInvalidArgument, path, "is not a regular file");
    }
    return real;
  }
  // Does not tell whether there is such a file elsewhere.
  throw Error(ErrorCode::kNotFound,
              path,
              "there is no such file below the directories of the server",
              kRemedy);
}

fs::path Roots::writable(const std::string& path, const std::string& extension) const {
  refuse_zero_bytes(path);
  if (roots_.empty()) {
    throw Error(ErrorCode::kInvalidArgument, path, "the server may not write files", kRemedy);
  }
  const fs::path wanted = roots_.front() / path;
  std::error_code error;
  const fs::path real = fs::canonical(wanted.parent_path(), error) / wanted.filename();
  if (error || !contains(real)) {
    throw Error(ErrorCode::kInvalidArgument,
                path,
                "its folder is not below the directories of the server",
                kRemedy);
  }
  if (real.extension() != extension) {
    throw Error(
        ErrorCode::kInvalidArgument, path, fmt::format("its name does not end in {}", extension));
  }
  const fs::file_status status = fs::symlink_status(real, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(ErrorCode::kInvalidArgument, path, "is there already and is not a regular file");
  }
  return real;
}

}  // namespace ingot::mcp
