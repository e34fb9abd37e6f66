// The agent pack in a project's directory.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sys/fsuid.h>
#include <unistd.h>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "agents/diff.hpp"
#include "agents/install.hpp"
#include "agents/stamp.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::agents {
namespace {

namespace fs = std::filesystem;

class AgentInstall : public testing::Test {
 protected:
  AgentInstall() {
    std::string name = (fs::temp_directory_path() / "ingot-agents-XXXXXX").string();
    root_ = mkdtemp(name.data());
    project_ = root_ / "project";
    fs::create_directory(project_);
  }
  ~AgentInstall() override {
    std::error_code ignored;
    fs::permissions(root_, fs::perms::owner_all, ignored);
    fs::permissions(project_, fs::perms::owner_all, ignored);
    fs::remove_all(root_);
  }

  static std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      names.insert(entry.path().lexically_relative(root_).string());
    }
    return names;
  }
  std::string error_of_install(bool force = false) {
    return refusal([&] { install(project_, pack_, force); }, ErrorCode::kIo);
  }

  fs::path root_, project_;
  const std::vector<PackFile> pack_ = {{"a/one.md", stamped("one\n", "2")},
                                       {"a/b/two.md", stamped("two\n", "2")},
                                       {"three.md", stamped("three\n", "2")}};
};

TEST_F(AgentInstall, WritesWhatIsMissingAndLeavesTheRest) {
  write(project_ / "a/one.md", "mine");
  EXPECT_EQ(install(project_, pack_, false),
            (std::vector<Action>{Action::kSkipped, Action::kWritten, Action::kWritten}));
  EXPECT_EQ(read(project_ / "a/one.md"), "mine");
  EXPECT_EQ(read(project_ / "a/b/two.md"), pack_[1].text);
  EXPECT_EQ(install(project_, pack_, true), std::vector<Action>(3, Action::kOverwritten));
  EXPECT_EQ(read(project_ / "a/one.md"), pack_[0].text);
  EXPECT_EQ(files().size(), 6U);  // the project, two directories and three files
}

TEST_F(AgentInstall, InspectTellsTheStates) {
  write(project_ / "a/one.md", stamped("an older one\n", "1"));
  write(project_ / "a/b/two.md", pack_[1].text + "my note\n");
  const auto first = inspect(project_, pack_);
  EXPECT_EQ(first[0].state, FileState::kOutdated);
  EXPECT_EQ(first[0].version, "1");
  EXPECT_EQ(first[1].state, FileState::kEdited);
  EXPECT_EQ(first[2].state, FileState::kMissing);
  EXPECT_EQ(first[1].bytes, pack_[1].text.size() + 8);
  write(project_ / "a/one.md", "not ours");
  install(project_, {pack_[2]}, true);
  const auto second = inspect(project_, pack_);
  EXPECT_EQ(second[0].state, FileState::kForeign);
  EXPECT_EQ(second[2].state, FileState::kCurrent);
}

TEST_F(AgentInstall, AFailureLeavesNothingBehind) {
  write(project_ / "three.md/in the way", "");  // a directory where a file should be
  EXPECT_NE(error_of_install(true).find("three.md"), std::string::npos);
  EXPECT_EQ(files(),
            (std::set<std::string>{"project", "project/three.md", "project/three.md/in the way"}));
}

TEST_F(AgentInstall, AFileWhereADirectoryShouldBeIsAnError) {
  write(project_ / "a", "a file");
  EXPECT_NE(error_of_install().find("a"), std::string::npos);
  EXPECT_EQ(files(), (std::set<std::string>{"project", "project/a"}));
}

// Nothing is read-only for root, who tries as nobody.
TEST_F(AgentInstall, AReadOnlyDirectoryIsAnError) {
  constexpr uid_t kNobody = 65534;
  fs::permissions(root_, fs::perms(0555));
  fs::permissions(project_, fs::perms(0555));
  const uid_t self = geteuid();
  if (self == 0) {
    setfsuid(kNobody);
  }
  const std::string error = error_of_install();
  setfsuid(self);
  EXPECT_NE(error.find("check that you may write there"), std::string::npos) << error;
  EXPECT_EQ(files(), (std::set<std::string>{"project"}));
}

TEST_F(AgentInstall, LinksThatLeaveTheProjectAreRefused) {
  fs::create_directory(root_ / "elsewhere");
  fs::create_directory_symlink("../elsewhere", project_ / "a");
  EXPECT_NE(error_of_install().find("leaves the project"), std::string::npos);
  fs::remove(project_ / "a");
  write(root_ / "elsewhere/file", "precious");
  fs::create_symlink("../elsewhere/file", project_ / "three.md");
  EXPECT_NE(error_of_install(true).find("leaves the project"), std::string::npos);
  EXPECT_EQ(read(root_ / "elsewhere/file"), "precious");
  fs::remove(project_ / "three.md");
  fs::create_symlink("nowhere", project_ / "three.md");
  EXPECT_NE(error_of_install(true).find("leads nowhere"), std::string::npos);
  EXPECT_EQ(files().count("project/a"), 0U);
}

TEST_F(AgentInstall, LinksInsideOfTheProjectAreFollowed) {
  fs::create_directory(project_ / "real");
  fs::create_directory_symlink("real", project_ / "a");
  install(project_, pack_, false);
  EXPECT_EQ(read(project_ / "real/one.md"), pack_[0].text);
}

TEST_F(AgentInstall, KnowsTheRootOfAProject) {
  EXPECT_FALSE(is_project_root(project_));
  write(project_ / "CMakeLists.txt", "");
  EXPECT_TRUE(is_project_root(project_));
}

// What `patch` does with a diff that fits.
std::string patched(const std::string& before, const std::string& diff) {
  std::vector<std::string> lines;
  std::istringstream stream(before);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  std::string after;
  size_t at = 0;
  std::istringstream hunks(diff);
  for (std::string line; std::getline(hunks, line);) {
    if (line.starts_with("---") || line.starts_with("+++")) {
      continue;
    }
    if (line.starts_with("@@")) {
      unsigned first = 0;
      unsigned count = 0;
      EXPECT_EQ(sscanf(line.c_str(), "@@ -%u,%u", &first, &count), 2);
      for (const size_t begin = first - (count > 0 ? 1 : 0); at < begin; ++at) {
        after += lines[at] + "\n";
      }
    } else if (line[0] == '+') {
      after += line.substr(1) + "\n";
    } else {
      EXPECT_EQ(lines.at(at), line.substr(1));
      after += line[0] == ' ' ? lines[at] + "\n" : "";
      ++at;
    }
  }
  for (; at < lines.size(); ++at) {
    after += lines[at] + "\n";
  }
  return after;
}

TEST(AgentDiff, WritesWhatDiffWrites) {
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n", "x", "y"), "");
  EXPECT_EQ(unified_diff("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n", "x", "y"),
            "--- x\n+++ y\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n");
  EXPECT_EQ(unified_diff("", "a\n", "x", "y"), "--- x\n+++ y\n@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(unified_diff("a\n", "", "x", "y"), "--- x\n+++ y\n@@ -1,1 +0,0 @@\n-a\n");
}

TEST(AgentDiff, MakesOneTextOfTheOther) {
  unsigned state = 1;
  const auto random = [&](unsigned below) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 300; ++round) {
    std::string before;
    std::string after;
    const unsigned length = random(60);
    for (unsigned i = 0; i < length; ++i) {
      const std::string line = "line " + std::to_string(random(8)) + "\n";
      before += line;
      const unsigned fate = random(10);
      after += fate == 0 ? "" : fate == 1 ? "new\n" + line : fate == 2 ? "other\n" : line;
    }
    EXPECT_EQ(patched(before, unified_diff(before, after, "x", "y")), after);
  }
}

}  // namespace
}  // namespace ingot::agents
