#include "core/disk_cache.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/hash.hpp"
#include "core/read_file.hpp"
#include "ingot/error.hpp"

namespace ingot {
namespace fs = std::filesystem;
namespace {

// Ends every entry; native byte order, since a cache serves one machine.
struct Trailer {
  char magic[8] = {'i', 'n', 'g', 'o', 't', 'e', 'n', 'd'};
  std::uint64_t length = 0;
  Hash128 hash;
};

// The entry's bytes without the trailer, or nothing when they are not what was put in.
std::optional<std::string> checked(std::string bytes) {
  Trailer found;
  if (bytes.size() < sizeof found) {
    return std::nullopt;
  }
  std::memcpy(&found, bytes.data() + bytes.size() - sizeof found, sizeof found);
  bytes.resize(bytes.size() - sizeof found);
  const bool whole = std::memcmp(found.magic, Trailer().magic, sizeof found.magic) == 0 &&
                     found.length == bytes.size() && found.hash == hash128(bytes);
  return whole ? std::optional(std::move(bytes)) : std::nullopt;
}

bool write_file(const fs::path& path, std::string_view bytes) {
  const Trailer trailer{.length = bytes.size(), .hash = hash128(bytes)};
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.write(reinterpret_cast<const char*>(&trailer), sizeof trailer);
  file.close();
  return file.good();
}

std::string unique_suffix() {
  static std::atomic<unsigned> count{0};
  return ".part" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

bool is_writable(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  const fs::path probe = directory / ("probe" + unique_suffix());
  const bool written = std::ofstream(probe).put('x').flush().good();
  fs::remove(probe, error);
  return written;
}

// Made once a process, removed when it ends.
const fs::path& temporary_root() {
  struct Directory {
    fs::path path;
    Directory() {
      constexpr const char* kRemedy = "set TMPDIR to a writable directory";
      std::error_code missing;
      const fs::path parent = fs::temp_directory_path(missing);
      if (missing) {
        throw Error(ErrorCode::kIo, "the directory for temporary files", missing.message(), kRemedy);
      }
      std::string name = (parent / "ingot-XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr) {
        throw Error(ErrorCode::kIo, name, std::strerror(errno), kRemedy);
      }
      path = name;
    }
    ~Directory() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  };
  static const Directory directory;
  return directory.path;
}

}  // namespace

fs::path user_cache_directory() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const fs::path own = variable("INGOT_CACHE_DIR"); !own.empty()) {
    return own;
  }
  if (const fs::path xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) {
    return xdg / "ingot";
  }
  const fs::path home = variable("HOME");
  if (home.empty()) {
    return {};
  }
#ifdef __APPLE__
  return home / "Library" / "Caches" / "ingot";
#else
  return home / ".cache" / "ingot";
#endif
}

DiskCache::DiskCache(std::string_view section, const fs::path& root) : directory_(root / section) {
  if (!root.empty() && is_writable(directory_)) {
    return;
  }
  fallback_reason_ = root.empty() ? "no cache directory is known (HOME is not set)"
                                  : "the cache directory " + directory_.string() + " is not writable";
  directory_ = temporary_root() / section;
  if (!is_writable(directory_)) {
    throw Error(ErrorCode::kIo, directory_.string(), "is not writable", "set INGOT_CACHE_DIR");
  }
}

std::optional<std::string> DiskCache::get(std::string_view key) const {
  const fs::path path = directory_ / key;
  std::optional<std::string> bytes = read_file(path);
  if (!bytes) {
    return std::nullopt;
  }
  std::optional<std::string> content = checked(std::move(*bytes));
  if (!content) {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  return content;
}

std::optional<fs::path> DiskCache::find(std::string_view key) const {
  return get(key) ? std::optional(directory_ / key) : std::nullopt;
}

fs::path DiskCache::put(std::string_view key, std::string_view bytes) const {
  const fs::path path = directory_ / key;
  const fs::path part = path.string() + unique_suffix();
  std::error_code error;
  fs::create_directories(directory_, error);  // it may have been deleted meanwhile
  if (!write_file(part, bytes)) {
    fs::remove(part, error);
    throw Error(ErrorCode::kIo, part.string(), "cannot be written (is the disk full?)");
  }
  fs::rename(part, path, error);
  if (error) {
    throw Error(ErrorCode::kIo, path.string(), "cannot be written: " + error.message());
  }
  return path;
}

}  // namespace ingot
