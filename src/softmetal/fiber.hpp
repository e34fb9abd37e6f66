// Fibers: threads that switch only when they say so, on stacks of their own. A fiber stays on the
// worker that started it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "softmetal/checks/local_memory.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// A stack and where execution stopped on it.
struct Fiber {
  void* stack_pointer = nullptr;
  unsigned thread = 0;              // of the group, that waits
  std::byte* stack_base = nullptr;  // lowest usable address; the page below is a guard
  std::size_t stack_bytes = 0;
  std::unique_ptr<LocalMemory> locals;  // when a monitor watches the threads
  void* sanitizer_state = nullptr;      // AddressSanitizer's fake stack, or ThreadSanitizer's fiber
};

/// Makes `fiber` start `function` when it is next switched to. The function must not return.
void prepare(Fiber& fiber, void (*function)());

/// Stops `from` here and goes on with `to`; returns when something switches back to `from`.
void switch_fiber(Fiber& from, Fiber& to);

/// As switch_fiber, when `from` will never be resumed.
[[noreturn]] void leave_fiber(Fiber& from, Fiber& to);

/// The first thing a function started by prepare() does, on its fiber.
void enter_fiber(Fiber& self);

/// The fibers of one worker, made on demand and reused.
class FiberPool {
 public:
  FiberPool() { fibers_.reserve(kMaxThreads); }
  ~FiberPool();
  FiberPool(const FiberPool&) = delete;
  FiberPool& operator=(const FiberPool&) = delete;

  /// The fiber with this number, below kMaxThreads; it stays where it is. Throws
  /// Error(kOutOfMemory) when no stack can be had.
  Fiber& operator[](std::size_t number);

  /// Whether the address lies in one of the stacks.
  bool owns(std::uintptr_t address) const;

 private:
  std::vector<Fiber> fibers_;  // never grows beyond what is reserved
};

}  // namespace softmetal
