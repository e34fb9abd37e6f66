// The Metal API of softmetal, used as a program for Apple's metal-cpp uses it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <set>
#include <thread>

#include "core/disk_cache.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Api = SoftMetal;

TEST_F(Api, AddsVectors) {
  const auto add = pipeline(
      "kernel void add(device const float* a, device const float* b, device float* c,\n"
      "                uint i [[thread_position_in_grid]]) { c[i] = a[i] + b[i]; }\n",
      "add");
  ASSERT_TRUE(add);
  std::vector<float> a(1000), b(1000);
  for (int i = 0; i < 1000; ++i) {
    a[i] = 0.5f * i;
    b[i] = 1000.0f - i;
  }
  const auto x = buffer(a), y = buffer(b), z = buffer(std::vector<float>(1000, -1));
  EXPECT_EQ(run(add.get(), {x.get(), y.get(), z.get()}, {1000, 1, 1}, {64, 1, 1}), "");
  const auto sum = values<float>(z.get());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(sum[i], a[i] + b[i]) << i;
  }
}

constexpr const char* kDouble =
    "kernel void twice(device int* x, uint i [[thread_position_in_grid]]) { x[i] *= 2; }";

std::set<std::filesystem::path> cached_kernels() {
  std::set<std::filesystem::path> kernels;
  const auto cache = ingot::user_cache_directory() / "softmetal";
  for (const auto& entry : std::filesystem::directory_iterator(cache)) {
    if (entry.path().extension() == ".so") {
      kernels.insert(entry.path());
    }
  }
  return kernels;
}

// A kernel's file in the cache that was cut short is found out and made anew.
TEST_F(Api, ADamagedCacheEntryIsRebuilt) {
  namespace fs = std::filesystem;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string source =  // new in every run
      "kernel void once(device long* x) { x[0] = " + std::to_string(now) + "l; }";
  ASSERT_TRUE(pipeline(kDouble, "twice"));
  const std::set<fs::path> before = cached_kernels();
  ASSERT_TRUE(pipeline(source, "once"));
  std::vector<fs::path> added;
  std::ranges::set_difference(cached_kernels(), before, std::back_inserter(added));
  ASSERT_FALSE(added.empty());
  for (const fs::path& kernel : added) {
    // A copy takes its place: a file in use must not change.
    const fs::path copy = kernel.string() + ".cut";
    fs::copy_file(kernel, copy);
    fs::resize_file(copy, fs::file_size(copy) / 2);
    fs::rename(copy, kernel);
  }
  const auto once = pipeline(source, "once");
  ASSERT_TRUE(once);
  const auto x = buffer(std::vector<std::int64_t>{0});
  ASSERT_EQ(run(once.get(), {x.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<std::int64_t>(x.get())[0], now);
  for (const fs::path& kernel : added) {
    fs::remove(kernel);
  }
}

}  // namespace
}  // namespace softmetal::testing
