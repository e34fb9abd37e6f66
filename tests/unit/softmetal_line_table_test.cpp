// Line tables, against the addresses that a compiled kernel itself gives out, and against damage.
#include <algorithm>
#include <cstdint>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <span>
#include <string>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "softmetal/frames.hpp"
#include "softmetal/line_table.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
namespace {

// Functions whose code the compiler can neither merge nor drop: each gives the address behind the
// call of `here`, which is in a line of its own.
constexpr const char* kSource = R"(#include <metal_stdlib>
__attribute__((noinline)) static const void* here() { return __builtin_return_address(0); }
typedef const void* Probe(int);
# 10 "program_source"
static const void* first(int n) {
  if (n > 3)
    return nullptr;
  const void* place =
      here();
  return n < 0 ? nullptr : place;
}
# 7 "include/helper.h"
static const void* second(int n) {
  const void* place = here(); return n < 0 ? nullptr : place; }
# 100000 "/usr/share/shaders/deep/third.metal"
static const void* third(int n) { const void* place = here(); return n < 0 ? nullptr : place; }
# 30 "program_source"
extern "C" __attribute__((visibility("default"))) Probe* const probes[] = {first, second, third};
)";

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Lines : public testing::Test {
 protected:
  Lines()
      : path_(Toolchain::get().compile(kSource, {}).object),
        object_(dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL)) {}
  ~Lines() override { dlclose(object_); }

  const std::byte* probe(unsigned index) const {
    using Probe = const void*(int);
    const auto* probes = static_cast<Probe* const*>(dlsym(object_, "probes"));
    return static_cast<const std::byte*>(probes[index](1)) - 1;
  }

  const std::filesystem::path path_;
  void* const object_;
};

TEST_F(Lines, GiveTheFileAndLineOfCode) {
  ASSERT_NE(object_, nullptr) << dlerror();
  const auto place = [&](unsigned index) {
    const auto found = place_of(probe(index));
    return found ? to_string(*found) : "nothing";
  };
  EXPECT_EQ(place(0), "program_source:14:7");
  EXPECT_EQ(place(1), "include/helper.h:8:23");
  EXPECT_EQ(place(2), "/usr/share/shaders/deep/third.metal:100000:55");
}

TEST_F(Lines, AreNothingOutsideOfKernels) {
  EXPECT_FALSE(place_of(nullptr));
  EXPECT_FALSE(place_of(reinterpret_cast<const void*>(&place_of)));  // softmetal's own code
  EXPECT_FALSE(place_of(path_.c_str()));
  const LineTable table = LineTable::read(path_);
  EXPECT_FALSE(table.find(0));
  EXPECT_FALSE(table.find(~std::uint64_t{0}));
  EXPECT_FALSE(table.find(table.rows().back().address));  // the end of the last function
  EXPECT_TRUE(table.find(table.rows().back().address - 1));
}

TEST_F(Lines, CoverTheSource) {
  const LineTable table = LineTable::read(path_);
  std::set<std::uint32_t> lines;
  for (const auto& row : table.rows()) {
    if (!row.is_end && table.file(row.file) == "program_source") {
      lines.insert(row.line);
    }
  }
  lines.erase(0);
  EXPECT_TRUE(lines.contains(11));
  EXPECT_TRUE(lines.contains(15));
  EXPECT_EQ(*lines.rbegin(), 16u);
}

TEST_F(Lines, OfDamagedFilesAreRefused) {
  const std::string whole = bytes_of(path_);
  const auto parse = [](const std::string& bytes) {
    return LineTable::parse(std::as_bytes(std::span(bytes)), "kernel.so");
  };
  ASSERT_FALSE(parse(whole).rows().empty());
  const auto refusal = [&](const std::string& bytes) -> std::string {
    try {
      return std::to_string(parse(bytes).rows().size()) + " rows";
    } catch (const ingot::Error& error) {
      EXPECT_EQ(error.code(), ingot::ErrorCode::kIo);
      return error.what();
    }
  };
  EXPECT_EQ(refusal(""), "kernel.so: cannot read its line table: it is cut short");
  EXPECT_EQ(refusal(std::string(64, 'x')),
            "kernel.so: cannot read its line table: it is no ELF file of 64 bits, little endian");
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)),
            "kernel.so: cannot read its line table: it is cut short");
  // Whatever is changed, the answer is a table or a refusal.
  std::mt19937 random(1);
  unsigned refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 40; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      const LineTable table = parse(damaged);
      for (const auto& row : table.rows()) {
        table.find(row.address);
      }
    } catch (const ingot::Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0u);
}

TEST(LineTable, OfAMissingFileIsRefused) {
  EXPECT_THROW(LineTable::read("/nonexistent/kernel.so"), ingot::Error);
}

}  // namespace
}  // namespace softmetal
