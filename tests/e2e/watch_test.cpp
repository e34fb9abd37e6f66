// ingot watch: what passes through, and what it adds.
#include <cerrno>
#include <csignal>
#if defined(__APPLE__)
#include <util.h>
#else
#include <pty.h>
#endif
#include <sstream>
#include <sys/stat.h>

#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

constexpr const char* kCritical = R"({"mem_pressure": "critical"})";

class Watch : public ProgramTest {
 protected:
  Watch() { write("fine.json", R"({"mem_pressure": "normal"})"); }

  static std::vector<nlohmann::json> lines(const std::string& text) {
    std::vector<nlohmann::json> documents;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      documents.push_back(nlohmann::json::parse(line));
    }
    return documents;
  }

  // Starts `ingot watch` with a script, and waits until the script prints "ready".
  pid_t start_script(const std::string& script) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t child =
        start({INGOT_PROGRAM, "watch", "--json", "--", "/bin/sh", "-c", script}, ends[1]);
    close(ends[1]);
    output_ = ends[0];
    EXPECT_EQ(read_line(), "ready");
    return child;
  }

  std::string read_line() const {
    std::string line;
    for (char c = 0; read(output_, &c, 1) == 1 && c != '\n';) {
      line += c;
    }
    return line;
  }

  int output_ = -1;
};

TEST_F(Watch, ExitCodesPassThrough) {
  const std::pair<std::string, int> kCases[] = {{"true", 0},
                                                {"false", 1},
                                                {"sh -c 'exit 42'", 42},
                                                {"sh -c 'kill -TERM $$'", 128 + SIGTERM},
                                                {"sh -c 'kill -KILL $$'", 128 + SIGKILL},
                                                {"no-such-command-here", 127},
                                                {"./fine.json", 126}};
  for (const auto& [command, exit_code] : kCases) {
    EXPECT_EQ(shell("ingot watch -- " + command).exit_code, exit_code) << command;
  }
}

TEST_F(Watch, StreamsPassThrough) {
  EXPECT_EQ(shell("printf 'a\\nb' | ingot watch -- cat").out, "a\nb");
  EXPECT_EQ(shell("head -c 3000000 /dev/zero | ingot watch -- cat | wc -c").out, "3000000\n");
  const Outcome both = shell("ingot watch --snapshot fine.json -- sh -c 'echo out; echo err >&2'");
  EXPECT_EQ(both.out, "out\n");
  EXPECT_EQ(both.err.find("err\n"), 0u);
  EXPECT_NE(both.err.find("exit code 0"), std::string::npos);
}

TEST_F(Watch, TheCommandsOwnOptionsAreItsOwn) {
  EXPECT_EQ(shell("ingot watch -- echo --json --force health -- -x").out,
            "--json --force health -- -x\n");
}

TEST_F(Watch, JsonIsOneDocumentALineOnStandardError) {
  const Outcome outcome =
      shell("ingot watch --json --snapshot fine.json --interval 1ms -- sh -c 'exit 5'");
  EXPECT_EQ(outcome.out, "");
  const auto documents = lines(outcome.err);
  ASSERT_GE(documents.size(), 2u);
  EXPECT_EQ(documents.front()["event"], "gate");
  EXPECT_EQ(documents.front()["verdict"], "pass");
  EXPECT_EQ(documents.back()["event"], "summary");
  EXPECT_EQ(documents.back()["exit_code"], 5);
  EXPECT_GE(documents.back()["samples"], 2);
}

TEST_F(Watch, ABlockStartsNothing) {
  write("critical.json", kCritical);
  const std::string line = " --snapshot critical.json -- touch started";
  const Outcome blocked = shell("ingot watch" + line);
  EXPECT_EQ(blocked.exit_code, 4);
  EXPECT_NE(blocked.err.find("memory_critical"), std::string::npos);
  EXPECT_NE(blocked.err.find("--force"), std::string::npos);
  EXPECT_EQ(files().count("started"), 0u);
  const Outcome forced = shell("ingot watch --force" + line);
  EXPECT_EQ(forced.exit_code, 0);
  EXPECT_NE(forced.err.find("memory_critical"), std::string::npos);
  EXPECT_EQ(files().count("started"), 1u);
}

TEST_F(Watch, WarningsDoNotStopIt) {
  write("hot.json", R"({"cpu_speed_limit": 50})");
  const Outcome outcome = shell("ingot watch --snapshot hot.json -- echo done");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_NE(outcome.err.find("thermal_throttled"), std::string::npos);
}

TEST_F(Watch, WrongUsageStartsNothing) {
  const std::string kCases[] = {"ingot watch",
                                "ingot watch --interval nonsense -- touch started",
                                "ingot watch --interval 0s -- touch started --json",
                                "ingot watch --interval 25h -- touch started",
                                "ingot watch --frobnicate -- touch started"};
  for (const std::string& line : kCases) {
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.exit_code, 2) << line;
    EXPECT_EQ(outcome.out, "");  // the command's --json is not this program's
  }
  EXPECT_EQ(shell("ingot watch --workload missing.json -- touch started").exit_code, 1);
  EXPECT_EQ(files().count("started"), 0u);
}

TEST_F(Watch, WritesAReport) {
  EXPECT_EQ(shell("ingot watch --report run.html -- sh -c 'exit 6'").exit_code, 6);
  const std::string page = text("run.html");
  EXPECT_EQ(page.find("<!DOCTYPE html>"), 0u);
  EXPECT_NE(page.find("exit code 6"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
}

TEST_F(Watch, AFullDiskDoesNotHideTheExitCode) {
  for (const int exit_code : {0, 6}) {
    const Outcome outcome =
        shell("ingot watch --report /dev/full -- sh -c 'exit " + std::to_string(exit_code) + "'");
    EXPECT_EQ(outcome.exit_code, exit_code == 0 ? 1 : exit_code);
    EXPECT_NE(outcome.err.find("/dev/full"), std::string::npos) << outcome.err;
  }
}

TEST_F(Watch, LongWorkIsAdvisedEvenWhenAllIsWell) {
  write("long.json", R"({"local_time_hours": 2})");
  const Outcome outcome = shell("ingot watch --snapshot fine.json --workload long.json -- true");
  EXPECT_NE(outcome.err.find("AC power"), std::string::npos) << outcome.err;
}

TEST_F(Watch, AReportThatCannotBeWrittenStartsNothing) {
  std::filesystem::create_directory(path("locked"));
  chmod(path("locked").c_str(), 0555);
  // Permissions do not hold the superuser back.
  const std::string directory = geteuid() == 0 ? "/proc" : "locked";
  for (const std::string& report : {directory + "/run.html", std::string("missing/run.html")}) {
    const Outcome outcome = shell("ingot watch --report " + report + " -- touch started");
    EXPECT_EQ(outcome.exit_code, 1) << report;
    EXPECT_NE(outcome.err.find(report), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(files().count("started"), 0u);
}

TEST_F(Watch, SignalsArePassedOn) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    const pid_t child = start_script(
        "trap 'exit 33' INT TERM HUP QUIT USR1 USR2; echo ready; "
        "while :; do sleep 0.02; done");
    kill(child, signal);
    EXPECT_EQ(finish(child).exit_code, 33) << signal;
    close(output_);
  }
}

TEST_F(Watch, AnIgnoredSignalStaysIgnored) {
  const Outcome outcome =
      shell("trap '' HUP; ingot watch -- sh -c 'kill -HUP $PPID; kill -HUP $$; echo alive'");
  EXPECT_EQ(outcome.out, "alive\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

// Stop signals reach only groups with somebody outside to continue them: one of its own.
TEST_F(Watch, StopsAndContinuesWithTheCommand) {
  ASSERT_EQ(mkfifo(path("go").c_str(), 0600), 0);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  output_ = ends[0];
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    dup2(ends[1], STDOUT_FILENO);
    const std::string script = "echo ready; read word < " + path("go") + "; exit $word";
    execl(INGOT_PROGRAM, "ingot", "watch", "--", "/bin/sh", "-c", script.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  ASSERT_EQ(read_line(), "ready");
  kill(child, SIGTSTP);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  kill(child, SIGCONT);
  write("go", "21\n");
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 21);
  close(output_);
}

// Ctrl-C at a terminal reaches the command once, and the watchdog reports its end.
TEST_F(Watch, CtrlC) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0 && errno == ENODEV) {
    GTEST_SKIP() << "this machine has no terminals: /dev/pts is not mounted";
  }
  ASSERT_GE(child, 0);
  if (child == 0) {
    execl(INGOT_PROGRAM,
          "ingot",
          "watch",
          "--",
          "/bin/sh",
          "-c",
          "trap 'count=x$count' INT; echo ready; read line; echo \"got $count\"; exit 9",
          nullptr);
    _exit(127);
  }
  output_ = terminal;
  while (read_line().find("ready") == std::string::npos) {
  }
  ASSERT_EQ(::write(terminal, "\x03", 1), 1);
  ASSERT_EQ(::write(terminal, "\n", 1), 1);
  std::string text;
  char piece[256];
  for (ssize_t count; (count = read(terminal, piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<size_t>(count));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  EXPECT_EQ(WEXITSTATUS(status), 9);
  EXPECT_NE(text.find("got x\r"), std::string::npos) << text;
  EXPECT_NE(text.find("exit code 9"), std::string::npos) << text;
}

}  // namespace
}  // namespace ingot
