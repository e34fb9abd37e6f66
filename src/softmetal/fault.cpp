#include "softmetal/fault.hpp"

#include <array>
#include <signal.h>
#include <ucontext.h>

#include "softmetal/scheduler.hpp"
#include "softmetal/watchdog.hpp"

namespace softmetal {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;
constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, kWatchdogSignal};

struct sigaction& previous(int signal) {
  static std::array<struct sigaction, NSIG> actions;
  return actions[static_cast<std::size_t>(signal)];
}

const void* interrupted_instruction(const void* context) {
  const mcontext_t& registers = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(registers.gregs[REG_RIP]);
#else
  return reinterpret_cast<const void*>(registers.pc);
#endif
}

void handle(int signal, siginfo_t* info, void* context) {
  // The scheduler leaves the handler by switching stacks, so no signal must stay blocked. The mask
  // of the handler's own action cannot promise that: ThreadSanitizer blocks all.
  pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
  // Returns only if this thread runs no kernel, or need not stop.
  Scheduler::fault(
      {.signal = signal, .address = info->si_addr, .code = interrupted_instruction(context)});
  const struct sigaction& before = previous(signal);
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else if (signal != kWatchdogSignal) {
    sigaction(signal, &before, nullptr);  // the instruction faults again, with the default action
  }
}

}  // namespace

void catch_faults() {
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const int signal : kSignals) {
      sigaction(signal, &action, &previous(signal));
    }
    return true;
  }();
  static_cast<void>(installed);
}

FaultStack::FaultStack() : memory_(new std::byte[kStackBytes]) {
  stack_t stack = {};
  stack.ss_sp = memory_.get();
  stack.ss_size = kStackBytes;
  sigaltstack(&stack, nullptr);
}

FaultStack::~FaultStack() {
  stack_t stack = {};
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

}  // namespace softmetal
