#include "cli/watched_command.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingot/error.hpp"

extern char** environ;

namespace ingot::cli {
namespace {

constexpr int kPassedOn[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};

// For the signal handler: the command while it may be sent signals, else 0.
std::atomic<pid_t> running{0};
static_assert(std::atomic<pid_t>::is_always_lock_free);

// The terminal, unlike a process, sends its signals to the whole group.
bool is_from_process(const siginfo_t& info) {
#if defined(__linux__)
  return info.si_code <= 0;
#else
  return info.si_pid != 0;
#endif
}

void pass_on(int signal, siginfo_t* info, void*) {
  const int saved = errno;
  const pid_t process = running;
  if (process > 0 && is_from_process(*info)) {
    kill(process, signal);
  }
  errno = saved;
}

// What is ignored, as under nohup, stays ignored, here and in the command.
void install_handlers() {
  for (const int signal : kPassedOn) {
    struct sigaction action{};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) {
      continue;
    }
    action.sa_sigaction = pass_on;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(signal, &action, nullptr);
  }
}

sigset_t passed_on() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kPassedOn) {
    sigaddset(&set, signal);
  }
  return set;
}

// Signals wait while this lives, so that none is lost before the command's process is known, or
// sent to a stranger that got its number.
class SignalsHeld {
 public:
  SignalsHeld() {
    const sigset_t set = passed_on();
    pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
};

bool is_terminal_stop(int signal) {
  return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double largest_rss_gb(const rusage& usage) {
#if defined(__APPLE__)
  constexpr double kUnit = 1;  // bytes
#else
  constexpr double kUnit = 1024;
#endif
  return static_cast<double>(usage.ru_maxrss) * kUnit / (1 << 30);
}

}  // namespace

WatchedCommand::WatchedCommand(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  const SignalsHeld held;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &held.before());
  const int error = posix_spawnp(&process_, argv[0], nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    throw Error(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnsupported,
                arguments[0],
                std::string("cannot be started: ") + std::strerror(error));
  }
  running = process_;
  install_handlers();
}

WatchedCommand::~WatchedCommand() {
  running = 0;
}

CommandResult WatchedCommand::wait() {
  siginfo_t info{};
  for (;;) {
    // Not yet reaped: its number is its own while signals may be sent to it.
    if (waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WSTOPPED | WNOWAIT) != 0) {
      if (errno == EINTR) {
        continue;
      }
      throw Error(ErrorCode::kInternal, "waitid", std::strerror(errno));
    }
    if (info.si_code != CLD_STOPPED) {
      break;
    }
    waitid(P_PID, static_cast<id_t>(process_), &info, WSTOPPED);
    if (is_terminal_stop(info.si_status)) {
      raise(SIGSTOP);  // until the shell, or whoever it was, continues both
    }
  }
  const SignalsHeld held;
  running = 0;
  int status = 0;
  rusage usage{};
  while (wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
          largest_rss_gb(usage)};
}

}  // namespace ingot::cli
