// Drives the program `ingot` as a user would: in a scratch folder, by its arguments, output and
// exit code alone.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace ingot {

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  std::string out, err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ingot-e2e-XXXXXX").string();
    root_ = mkdtemp(name.data());
    folder_ = root_ / "work";
    std::filesystem::create_directory(folder_);
  }
  ~ProgramTest() override { std::filesystem::remove_all(root_); }

  /// Starts a program in the folder; `out` is its standard output instead of a file.
  pid_t start(std::vector<std::string> arguments, int out = -1) const {
    const pid_t child = fork();
    if (child == 0) {
      const int file = open((root_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int errors = open((root_ / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      dup2(out >= 0 ? out : file, STDOUT_FILENO);
      dup2(errors, STDERR_FILENO);
      std::vector<char*> texts;
      for (std::string& argument : arguments) {
        texts.push_back(argument.data());
      }
      texts.push_back(nullptr);
      if (chdir(folder_.c_str()) == 0) {
        execv(texts[0], texts.data());
      }
      _exit(127);
    }
    return child;
  }

  Outcome finish(pid_t child) const {
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("../out"), text("../err")};
  }

  Outcome ingot(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), INGOT_PROGRAM);
    return finish(start(std::move(arguments)));
  }

  /// A command line as it is typed, with `ingot` in PATH.
  Outcome shell(const std::string& line) const {
    const auto bin = std::filesystem::path(INGOT_PROGRAM).parent_path().string();
    return finish(start({"/bin/sh", "-c", "PATH=" + bin + ":$PATH; " + line}));
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string text(const std::string& name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

  /// Names of all files in the folder, hidden ones too.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

 private:
  std::filesystem::path root_;
  std::filesystem::path folder_;
};

}  // namespace ingot
