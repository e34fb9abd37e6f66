// Signals that stop kernels (a wild pointer, a division by zero, a stack overflow) as errors
// instead of the end of the process.
#pragma once

#include <cstddef>
#include <memory>

namespace softmetal {

/// What the processor, or the watchdog, stopped a kernel with.
struct Fault {
  int signal = 0;
  const void* address = nullptr;  // of the memory that was accessed, if it is about memory
  const void* code = nullptr;     // the instruction
};

/// Routes SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP and the watchdog's signal of threads that run a
/// kernel to Scheduler::fault(); all others go to whoever handled the signal before. Done once;
/// later calls do nothing.
void catch_faults();

/// The stack that the calling thread's signal handlers use: the kernel's own may be the one that
/// overflowed.
class FaultStack {
 public:
  FaultStack();
  ~FaultStack();
  FaultStack(const FaultStack&) = delete;
  FaultStack& operator=(const FaultStack&) = delete;

 private:
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace softmetal
