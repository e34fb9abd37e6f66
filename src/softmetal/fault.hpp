// Hardware faults of kernels (a wild pointer, a division by zero, a stack overflow) as errors
// instead of the end of the process.
#pragma once

#include <cstddef>
#include <memory>

namespace softmetal {

/// Routes SIGSEGV, SIGBUS and SIGFPE of threads that run a kernel to Scheduler::fault(); all others
/// go to whoever handled the signal before. Done once; later calls do nothing.
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
