#include "softmetal/fiber.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include "ingot/error.hpp"

#include "softmetal/sanitizers.hpp"
#include "softmetal/saved_registers.hpp"

#ifdef SOFTMETAL_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SOFTMETAL_TSAN
#include <sanitizer/tsan_interface.h>
#endif

// Stops the running fiber, stores its stack pointer in *save, and continues where `load` was saved.
extern "C" void softmetal_switch(void** save, void* load);

#if defined(__x86_64__)
SOFTMETAL_ASM_FUNCTION("softmetal_switch",
                       SOFTMETAL_SAVE_REGISTERS
                       "movq %rsp, (%rdi)\n"
                       "movq %rsi, %rsp\n" SOFTMETAL_LOAD_REGISTERS "ret\n");
#else
SOFTMETAL_ASM_FUNCTION("softmetal_switch",
                       SOFTMETAL_SAVE_REGISTERS
                       "mov x9, sp\n"
                       "str x9, [x0]\n"
                       "mov sp, x1\n" SOFTMETAL_LOAD_REGISTERS "ret\n");
#endif

namespace softmetal {
namespace {

constexpr std::size_t kStackBytes = 128 * 1024;

// Stacks whose tops are equal modulo a page would all want the same few cache lines.
constexpr std::size_t kColours = 32;
constexpr std::size_t kColourBytes = 128;

std::size_t guard_bytes() {
  return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Fiber new_fiber() {
  const std::size_t bytes = guard_bytes() + kStackBytes;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, guard_bytes(), PROT_NONE) != 0) {
    throw ingot::Error(ingot::ErrorCode::kOutOfMemory,
                       "stack of a GPU thread",
                       std::strerror(errno),
                       "raise vm.max_map_count, or use smaller threadgroups");
  }
  Fiber fiber;
  fiber.stack_base = static_cast<std::byte*>(memory) + guard_bytes();
  fiber.stack_bytes = kStackBytes;
  return fiber;
}

// Set while a fiber is being entered, so that it can tell AddressSanitizer what it came from.
#ifdef SOFTMETAL_ASAN
thread_local Fiber* entered_from = nullptr;
#endif

// ThreadSanitizer would count a function's entry for the one fiber and its exit for the other.
SOFTMETAL_UNINSTRUMENTED inline void before_switch([[maybe_unused]] Fiber& from,
                                                   [[maybe_unused]] Fiber& to,
                                                   [[maybe_unused]] bool last) {
#ifdef SOFTMETAL_ASAN
  entered_from = &from;
  __sanitizer_start_switch_fiber(
      last ? nullptr : &from.sanitizer_state, to.stack_base, to.stack_bytes);
  if (last) {
    from.sanitizer_state = nullptr;  // has been freed
  }
#endif
#ifdef SOFTMETAL_TSAN
  if (from.sanitizer_state == nullptr) {
    from.sanitizer_state = __tsan_get_current_fiber();
  }
  __tsan_switch_to_fiber(to.sanitizer_state, 0);
#endif
}

#ifdef SOFTMETAL_ASAN
// Also learns the bounds of the worker's own stack, which only the sanitizer knows.
void after_switch(void* fake_stack) {
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(fake_stack, &bottom, &bytes);
  if (entered_from->stack_base == nullptr) {
    entered_from->stack_base = static_cast<std::byte*>(const_cast<void*>(bottom));
    entered_from->stack_bytes = bytes;
  }
}
#endif

}  // namespace

void prepare(Fiber& fiber, void (*function)()) {
  const std::size_t colour = reinterpret_cast<std::uintptr_t>(fiber.stack_base) / fiber.stack_bytes;
  std::byte* top = fiber.stack_base + fiber.stack_bytes - (colour % kColours) * kColourBytes - 128;
  auto* frame = reinterpret_cast<void**>(top);
#if defined(__x86_64__)
  // Six registers, the address that `ret` jumps to, and the alignment of a function's entry (rsp +
  // 8 is a multiple of 16).
  frame -= 8;
  std::memset(frame, 0, 8 * sizeof(void*));
  frame[6] = reinterpret_cast<void*>(function);
#else
  frame -= 20;
  std::memset(frame, 0, 20 * sizeof(void*));
  frame[11] = reinterpret_cast<void*>(function);  // x30
#endif
  fiber.stack_pointer = frame;
#ifdef SOFTMETAL_ASAN
  __asan_unpoison_memory_region(fiber.stack_base, fiber.stack_bytes);  // of frames left behind
#endif
#ifdef SOFTMETAL_TSAN
  // A new one each time: functions that were left and never returned stay on the old one's call
  // stack.
  if (fiber.sanitizer_state != nullptr) {
    __tsan_destroy_fiber(fiber.sanitizer_state);
  }
  fiber.sanitizer_state = __tsan_create_fiber(0);
#endif
}

SOFTMETAL_UNINSTRUMENTED void switch_fiber(Fiber& from, Fiber& to) {
  before_switch(from, to, false);
  softmetal_switch(&from.stack_pointer, to.stack_pointer);
#ifdef SOFTMETAL_ASAN
  after_switch(from.sanitizer_state);
#endif
}

SOFTMETAL_UNINSTRUMENTED void leave_fiber(Fiber& from, Fiber& to) {
  before_switch(from, to, true);
  softmetal_switch(&from.stack_pointer, to.stack_pointer);
  __builtin_unreachable();
}

void enter_fiber([[maybe_unused]] Fiber& self) {
#ifdef SOFTMETAL_ASAN
  after_switch(self.sanitizer_state);
#endif
}

FiberPool::~FiberPool() {
  for (const Fiber& fiber : fibers_) {
#ifdef SOFTMETAL_TSAN
    if (fiber.sanitizer_state != nullptr) {
      __tsan_destroy_fiber(fiber.sanitizer_state);
    }
#endif
    munmap(fiber.stack_base - guard_bytes(), kStackBytes + guard_bytes());
  }
}

bool FiberPool::owns(std::uintptr_t address) const {
  return std::any_of(fibers_.begin(), fibers_.end(), [address](const Fiber& fiber) {
    return address - reinterpret_cast<std::uintptr_t>(fiber.stack_base) < fiber.stack_bytes;
  });
}

Fiber& FiberPool::operator[](std::size_t number) {
  while (fibers_.size() <= number) {
    fibers_.push_back(new_fiber());
  }
  return fibers_[number];
}

}  // namespace softmetal
