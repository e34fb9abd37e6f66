#include "core/output_file.hpp"

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

namespace fs = std::filesystem;

// Names of the hidden files that exist now. Plain arrays, so that a signal handler can read them.
struct Slot {
  std::atomic<bool> taken = false;
  std::atomic<bool> listed = false;  // `name` is complete
  char name[PATH_MAX];
};
Slot slots[64];

int list_unfinished(const std::string& name) {
  for (int i = 0; i < static_cast<int>(std::size(slots)); ++i) {
    if (name.size() < sizeof(Slot::name) && !slots[i].taken.exchange(true)) {
      std::memcpy(slots[i].name, name.c_str(), name.size() + 1);
      slots[i].listed = true;
      return i;
    }
  }
  return -1;
}

void unlist(int slot) {
  slots[slot].listed = false;
  slots[slot].taken = false;
}

[[noreturn]] void fail(const std::string& path, std::string problem, std::string remedy = {}) {
  throw Error(ErrorCode::kIo, path, std::move(problem), std::move(remedy));
}

std::string system_message() {
  return std::strerror(errno);
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), target_(path) {
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  if (fs::is_directory(status)) {
    fail(path, "is a directory", "give the name of a file in it");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
      fail(path, "cannot be written: " + system_message());
    }
    return;
  }
  if (fs::exists(status)) {
    target_ = fs::canonical(path, none).string();
    if (access(target_.c_str(), W_OK) != 0) {
      fail(path, "cannot be written: " + system_message(), "choose another name");
    }
  }
  static std::atomic<unsigned> serial = 0;
  const fs::path target(target_);
  const fs::path hidden =
      target.parent_path() /
      fmt::format(".{}.{}-{}.part", target.filename().string(), getpid(), serial.fetch_add(1));
  // Listed before it exists: a signal between the two finds nothing to remove, which is harmless.
  slot_ = list_unfinished(hidden.string());
  if (slot_ < 0) {
    fail(path, "the path is too long, or too many files are being written at once");
  }
  descriptor_ = open(hidden.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    const std::string message = system_message();
    unlist(slot_);
    fail(path,
         "cannot be written: " + message,
         "check that its directory exists and that you may write there");
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
  if (slot_ >= 0) {
    unlink(slots[slot_].name);
    unlist(slot_);
  }
}

void OutputFile::write(const void* data, size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, next, bytes);
    if (written < 0 && errno != EINTR) {
      fail(path_, "cannot be written: " + system_message());
    }
    if (written > 0) {
      next += written;
      bytes -= static_cast<size_t>(written);
    }
  }
}

void OutputFile::commit() {
  // A network file system reports a full disk only here.
  const int closed = close(std::exchange(descriptor_, -1));
  if (closed != 0) {
    fail(path_, "cannot be written: " + system_message());
  }
  if (slot_ >= 0) {
    if (std::rename(slots[slot_].name, target_.c_str()) != 0) {
      fail(path_, "cannot be put in place: " + system_message());
    }
    unlist(std::exchange(slot_, -1));
  }
}

void remove_unfinished_files() noexcept {
  for (const Slot& slot : slots) {
    if (slot.listed) {
      unlink(slot.name);
    }
  }
}

}  // namespace ingot
