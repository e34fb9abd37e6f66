#include "core/process.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <span>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "ingot/error.hpp"

extern char** environ;

namespace ingot {
namespace {

using Clock = std::chrono::steady_clock;

// Both ends close on exec: a child must not keep the pipe of another child, started meanwhile,
// open.
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

pid_t spawn(const std::vector<std::string>& arguments,
            int output,
            int errors,
            const std::string& directory) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  if (!directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  }
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

// One of the child's outputs, as far as it has been read.
struct Reader {
  int descriptor;
  std::string& text;
  bool at_end = false;

  void read_block() {
    char block[16384];
    const ssize_t count = read(descriptor, block, sizeof block);
    if (count > 0) {
      text.append(block, static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      at_end = true;
    }
  }
};

enum class End { kClosed, kTimeUp, kTooMuch };

// Collects what the child writes until it closes its outputs, or must be ended.
End collect(std::span<Reader> readers, Clock::time_point deadline, std::size_t most) {
  for (;;) {
    std::vector<pollfd> waiting;
    for (const Reader& reader : readers) {
      waiting.push_back({reader.at_end ? -1 : reader.descriptor, POLLIN, 0});  // poll skips -1
    }
    if (std::ranges::all_of(readers, &Reader::at_end)) {
      return End::kClosed;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const int ready = poll(
        waiting.data(), waiting.size(), static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready == 0) {
      return End::kTimeUp;
    }
    for (std::size_t i = 0; ready > 0 && i < readers.size(); ++i) {
      if (waiting[i].revents != 0) {
        readers[i].read_block();
      }
      if (readers[i].text.size() > most) {
        return End::kTooMuch;
      }
    }
  }
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

ProcessResult run(const std::vector<std::string>& arguments,
                  const ProcessOptions& options,
                  bool apart) {
  if (arguments.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "arguments", "name no program to run");
  }
  const auto deadline = Clock::now() + options.timeout;
  Pipe output;
  std::optional<Pipe> errors;
  if (apart) {
    errors.emplace();
  }
  const pid_t pid = spawn(
      arguments, output.write_end, apart ? errors->write_end : output.write_end, options.directory);
  output.close_write_end();

  ProcessResult result;
  std::vector<Reader> readers = {{output.read_end, result.output}};
  if (apart) {
    errors->close_write_end();
    readers.push_back({errors->read_end, result.errors});
  }
  {
    // Until the child is waited for, its process group cannot become another's.
    const std::stop_callback on_stop(options.stop, [pid] { kill(-pid, SIGKILL); });
    const End end = collect(readers, deadline, options.most_output);
    result.timed_out = end == End::kTimeUp;
    result.too_much = end == End::kTooMuch;
  }
  if (result.timed_out || result.too_much) {
    kill(-pid, SIGKILL);
  }
  result.stopped = options.stop.stop_requested();
  result.exit_code = exit_code_of(pid);
  return result;
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          std::chrono::milliseconds timeout) {
  return run(arguments, {.timeout = timeout}, false);
}

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  return run(arguments, options, true);
}

std::string program_path() {
#ifdef __APPLE__
  char path[PATH_MAX];
  uint32_t size = sizeof path;
  const bool known = _NSGetExecutablePath(path, &size) == 0;
#else
  char path[PATH_MAX] = {};
  const bool known = readlink("/proc/self/exe", path, sizeof path - 1) > 0;
#endif
  if (!known) {
    throw Error(ErrorCode::kNotFound, "program", "the system does not tell where it is");
  }
  return path;
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
