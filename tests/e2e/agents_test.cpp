// `ingot init` and `ingot check`, as they are typed.
#include <filesystem>

#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class AgentCommands : public ProgramTest {
 protected:
  // The states of the files, by path.
  std::map<std::string, std::string> states() const {
    std::map<std::string, std::string> found;
    const json document = ingot({"check", "--json"}).json();
    for (const json& file : document["files"]) {
      found[file["path"]] = file["state"];
    }
    return found;
  }
  const std::string agent_ = ".claude/agents/metal.md";
};

TEST_F(AgentCommands, InitWritesThePackAndCheckFindsIt) {
  write("CMakeLists.txt", "");
  for (const auto& [path, state] : states()) {
    EXPECT_EQ(state, "missing") << path;
  }
  const Outcome outcome = ingot({"init", "--agent", "all"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find(agent_), std::string::npos);
  for (const auto& [path, state] : states()) {
    EXPECT_EQ(state, "current") << path;
  }
  EXPECT_EQ(text(agent_).substr(0, 16), "---\nname: metal\n");
}

TEST_F(AgentCommands, FilesThatAreThereAreLeftAloneUnlessForced) {
  ingot({"init"});
  write(agent_, "mine\n");
  const json skipped = ingot({"init", "--json"}).json();
  EXPECT_EQ(skipped["files"][0]["action"], "skipped");
  EXPECT_EQ(text(agent_), "mine\n");
  EXPECT_EQ(states()[agent_], "foreign");
  const json forced = ingot({"init", "--force", "--json"}).json();
  EXPECT_EQ(forced["files"][0]["action"], "overwritten");
  EXPECT_EQ(states()[agent_], "current");
}

TEST_F(AgentCommands, CheckTellsWhatWasEdited) {
  ingot({"init"});
  write(agent_, "a new line\n" + text(agent_));
  EXPECT_EQ(states()[agent_], "edited");
  const Outcome outcome = ingot({"check", "--diff"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("\n-a new line\n"), std::string::npos) << outcome.out;
  const json document = ingot({"check", "--diff", "--json"}).json();
  EXPECT_EQ(document["files"][0]["bytes"], text(agent_).size());
  EXPECT_NE(document["files"][0]["diff"].get<std::string>().find("-a new line"), std::string::npos);
  EXPECT_EQ(document["files"][1]["diff"], "");
}

TEST_F(AgentCommands, AFolderThatIsNoProjectIsWarnedOf) {
  const Outcome outcome = ingot({"init"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("root of a project"), std::string::npos);
  EXPECT_EQ(ingot({"init", "--json"}).json()["warnings"].size(), 1U);
}

TEST_F(AgentCommands, WrongUsageExitsWithTwoAndFailuresWithOne) {
  EXPECT_EQ(ingot({"init", "--agent", "everybody"}).exit_code, 2);
  EXPECT_EQ(ingot({"check", "--agent", "everybody"}).exit_code, 2);
  EXPECT_EQ(ingot({"init", "--dir", "absent"}).exit_code, 1);
  EXPECT_EQ(ingot({"check", "--dir", "absent"}).exit_code, 1);
  EXPECT_EQ(files().size(), 0U);
}

TEST_F(AgentCommands, ADirectoryThatTakesNoFilesIsAnError) {
  if (!fs::is_directory("/proc/self")) {
    GTEST_SKIP();
  }
  const Outcome outcome = ingot({"init", "--dir", "/proc/self"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find(".claude"), std::string::npos) << outcome.err;
}

TEST_F(AgentCommands, ALinkOutOfTheProjectIsRefused) {
  fs::create_directory(path("project"));
  fs::create_directory(path("elsewhere"));
  fs::create_directory_symlink("../elsewhere", path("project/.claude"));
  const Outcome outcome = ingot({"init", "--dir", "project"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("leaves the project"), std::string::npos) << outcome.err;
  EXPECT_TRUE(fs::is_empty(path("elsewhere")));
}

}  // namespace
}  // namespace ingot
