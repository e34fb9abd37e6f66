#include "core/read_file.hpp"

#include <fstream>
#include <unistd.h>

#include "gtest/gtest.h"

#include "gmock/gmock.h"

namespace ingot {
namespace {

namespace fs = std::filesystem;
using testing::Optional;

class ReadFile : public testing::Test {
 protected:
  ReadFile() {
    std::string name = (fs::temp_directory_path() / "ingot-read-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~ReadFile() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_F(ReadFile, GivesAllBytes) {
  const std::string bytes("a\r\n\0b\xff\x1a\n", 8);
  std::ofstream(root_ / "file", std::ios::binary) << bytes;
  EXPECT_THAT(read_file(root_ / "file"), Optional(bytes));
  const std::string long_text(300'000, 'x');
  std::ofstream(root_ / "long", std::ios::binary) << long_text;
  EXPECT_THAT(read_file(root_ / "long"), Optional(long_text));
}

TEST_F(ReadFile, AnEmptyFileIsAnEmptyText) {
  std::ofstream(root_ / "empty").flush();
  EXPECT_THAT(read_file(root_ / "empty"), Optional(std::string()));
}

TEST_F(ReadFile, GivesNothingForWhatCannotBeRead) {
  EXPECT_EQ(read_file(root_ / "missing"), std::nullopt);
  EXPECT_EQ(read_file(root_), std::nullopt);
}

}  // namespace
}  // namespace ingot
