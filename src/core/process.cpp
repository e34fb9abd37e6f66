#include "core/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "ingot/error.hpp"

extern char** environ;

namespace ingot {
namespace {

using Clock = std::chrono::steady_clock;

// Both ends close on exec: a child must not keep the pipe of another child, started meanwhile, open.
struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    int ends[2];
#ifdef __linux__
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw Error(ErrorCode::kIo, "pipe", std::strerror(errno));
    }
#else
    if (pipe(ends) != 0) {
      throw Error(ErrorCode::kIo, "pipe", std::strerror(errno));
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
    read_end = ends[0];
    write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(read_end);
    close_write_end();
  }
  void close_write_end() {
    if (write_end >= 0) {
      close(write_end);
      write_end = -1;
    }
  }
};

pid_t spawn(const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  // A process group of its own, so that a timeout also ends what the child has started.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Error(ErrorCode::kNotFound,
                arguments[0],
                std::string("cannot be started: ") + std::strerror(error));
  }
  return pid;
}

// Appends what the child writes until it closes its output; false when the deadline comes first.
bool collect_output(int descriptor, Clock::time_point deadline, std::string& output) {
  char block[16384];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait_for{descriptor, POLLIN, 0};
    const int ready = poll(&wait_for, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready == 0) {
      return false;
    }
    const ssize_t count = ready < 0 ? -1 : read(descriptor, block, sizeof block);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return true;
    }
    output.append(block, static_cast<std::size_t>(count));
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds timeout) {
  if (arguments.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "arguments", "name no program to run");
  }
  const auto deadline = Clock::now() + timeout;
  Pipe pipe;
  const pid_t pid = spawn(arguments, pipe.write_end);
  pipe.close_write_end();

  ProcessResult result;
  if (!collect_output(pipe.read_end, deadline, result.output)) {
    result.timed_out = true;
    kill(-pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string find_in_path(const std::string& program) {
  const char* value = std::getenv("PATH");
  std::string_view path = value == nullptr ? "" : value;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    const std::string candidate = std::string(path.substr(0, end)) + "/" + program;
    if (access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return "";
}

}  // namespace ingot
