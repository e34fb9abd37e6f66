#include "core/disk_cache.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>
#include <unistd.h>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

namespace fs = std::filesystem;

class DiskCacheTest : public ::testing::Test {
 protected:
  DiskCacheTest() {
    std::string name = (fs::temp_directory_path() / "ingot-test-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~DiskCacheTest() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_F(DiskCacheTest, GivesBackWhatWasPut) {
  const DiskCache cache("kernels", root_ / "not" / "yet" / "there");
  EXPECT_EQ(cache.fallback_reason(), "");
  EXPECT_EQ(cache.get("a"), std::nullopt);
  EXPECT_EQ(cache.find("a"), std::nullopt);
  const std::string bytes("x\0y", 3);
  const fs::path path = cache.put("a", bytes);
  EXPECT_EQ(cache.get("a"), bytes);
  EXPECT_EQ(cache.find("a"), path);
  cache.put("a", "");
  EXPECT_EQ(cache.get("a"), "");
  EXPECT_EQ(DiskCache("kernels", root_ / "not" / "yet" / "there").get("a"), "");
}

TEST_F(DiskCacheTest, DropsADamagedEntry) {
  const DiskCache cache("kernels", root_);
  const std::string bytes(1000, 'k');
  for (const std::size_t length : {0u, 10u, 999u, 1000u, 1031u}) {
    const fs::path path = cache.put("entry", bytes);
    fs::resize_file(path, length);
    EXPECT_EQ(cache.find("entry"), std::nullopt) << length;
    EXPECT_FALSE(fs::exists(path)) << length;
  }
  const fs::path path = cache.put("entry", bytes);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(500).put('!');
  EXPECT_EQ(cache.get("entry"), std::nullopt);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(DiskCacheTest, WorksWithoutAWritableDirectory) {
  // A file where the directory should be cannot be written to, not even by root.
  std::ofstream(root_ / "file") << "x";
  const DiskCache cache("kernels", root_ / "file");
  EXPECT_NE(cache.fallback_reason().find("is not writable"), std::string::npos);
  EXPECT_NE(cache.fallback_reason().find((root_ / "file").string()), std::string::npos);
  cache.put("a", "bytes");
  EXPECT_EQ(cache.get("a"), "bytes");
  EXPECT_NE(DiskCache("kernels", "").fallback_reason(), "");
}

TEST_F(DiskCacheTest, SurvivesItsDeletion) {
  const DiskCache cache("kernels", root_ / "cache");
  cache.put("a", "1");
  fs::remove_all(root_ / "cache");
  EXPECT_EQ(cache.get("a"), std::nullopt);
  cache.put("a", "2");
  EXPECT_EQ(cache.get("a"), "2");
}

TEST_F(DiskCacheTest, ManyMayFillItAtOnce) {
  const std::string bytes(100000, 'b');
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const DiskCache cache("kernels", root_);
      for (int i = 0; i < 25; ++i) {
        cache.put("same", bytes);
        const auto found = cache.get("same");
        EXPECT_TRUE(found && *found == bytes);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(root_ / "kernels")) {
    ++files;
  }
  EXPECT_EQ(files, 1u);  // no temporary file is left
}

TEST_F(DiskCacheTest, TheUsersDirectoryFollowsTheEnvironment) {
  const char* before = std::getenv("INGOT_CACHE_DIR");
  const std::string saved = before == nullptr ? "" : before;
  setenv("INGOT_CACHE_DIR", "/somewhere", 1);
  EXPECT_EQ(user_cache_directory(), "/somewhere");
  unsetenv("INGOT_CACHE_DIR");
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && *xdg != 0) {
    EXPECT_EQ(user_cache_directory(), fs::path(xdg) / "ingot");
  } else if (const char* home = std::getenv("HOME")) {
#ifdef __APPLE__
    EXPECT_EQ(user_cache_directory(), fs::path(home) / "Library" / "Caches" / "ingot");
#else
    EXPECT_EQ(user_cache_directory(), fs::path(home) / ".cache" / "ingot");
#endif
  }
  if (before != nullptr) {
    setenv("INGOT_CACHE_DIR", saved.c_str(), 1);
  }
}

}  // namespace
}  // namespace ingot
