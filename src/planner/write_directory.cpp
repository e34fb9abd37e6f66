#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "planner/handover.hpp"

namespace ingot::planner {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, std::string problem, std::string remedy = {}) {
  throw Error(ErrorCode::kIo, path.string(), std::move(problem), std::move(remedy));
}

// A directory beside the target that is removed unless it was renamed to it.
class Unfinished {
 public:
  explicit Unfinished(const fs::path& target) {
    static std::atomic<unsigned> serial = 0;
    path_ =
        target.parent_path() /
        fmt::format(".{}.{}-{}.part", target.filename().string(), getpid(), serial.fetch_add(1));
    std::error_code failure;
    if (!fs::create_directory(path_, failure)) {
      fail(target,
           "cannot be made: " + failure.message(),
           "check that the directory above it exists and that you may write there");
    }
  }
  ~Unfinished() {
    std::error_code none;
    fs::remove_all(path_, none);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

void write_directory(const std::string& directory, const std::vector<EmittedFile>& files) {
  std::error_code none;
  fs::path target = fs::weakly_canonical(directory, none);
  if (target.empty() || !target.has_filename()) {
    fail(directory, "is not the name of a directory");
  }
  if (fs::exists(target, none) &&
      (!fs::is_directory(target, none) || !fs::is_empty(target, none))) {
    fail(directory, "exists and is not an empty directory", "choose another name, or empty it");
  }
  const Unfinished unfinished(target);
  for (const EmittedFile& file : files) {
    const fs::path path = unfinished.path() / file.name;
    std::ofstream stream(path, std::ios::binary);
    stream << file.text;
    stream.close();
    if (!stream) {
      fail(directory, "cannot be written: " + std::string(std::strerror(errno)));
    }
    if (file.executable) {
      fs::permissions(path,
                      fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                      fs::perm_options::add);
    }
  }
  // An empty directory is replaced in one step; one that was filled meanwhile is refused.
  if (std::rename(unfinished.path().c_str(), target.c_str()) != 0) {
    fail(directory, "cannot be put in place: " + std::string(std::strerror(errno)));
  }
}

}  // namespace ingot::planner
