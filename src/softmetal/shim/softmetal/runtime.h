// The kernel's side of the executor: barriers, SIMD-group exchange and threadgroup memory.
#pragma once

#include "softmetal/abi.h"

// The linker's names for the ends of the section that the threadgroup variables of the entry are listed in, and for the
// ends of the code.
extern "C" {
extern const char __ehdr_start __attribute__((visibility("hidden")));
extern const char etext __attribute__((visibility("hidden")));
extern const ::softmetal::ThreadgroupVariable __start_softmetal_variables
    __attribute__((weak, visibility("hidden")));
extern const ::softmetal::ThreadgroupVariable __stop_softmetal_variables
    __attribute__((weak, visibility("hidden")));
}

// What calls the executor is none of the kernel's memory. An inlined function would be instrumented with its caller.
#if SOFTMETAL_CHECKED
#define SOFTMETAL_RUNTIME_CALL [[gnu::noinline]] inline
#else
#define SOFTMETAL_RUNTIME_CALL [[gnu::always_inline]] inline
#endif
#pragma clang attribute push(__attribute__((no_sanitize("kernel-address", "undefined"))), apply_to = function)

namespace softmetal {

static const Runtime* runtime;
static void set_runtime(const Runtime* table) { runtime = table; }

// Stands in for arguments that a function constant disables: the optimiser may load from them early.
alignas(128) static char unused_memory[1 << 16];

// Lanes meet by call site, and the sites of barriers are compared. "convergent" keeps the optimiser from moving a call
// into or out of branches, "nomerge" from making the calls of two branches one, "not_tail_called" from making the site
// that of the caller's caller. The executor is reached by a jump, so that it can take the site from the stack and return to
// it.
[[clang::convergent, clang::nomerge, clang::not_tail_called, gnu::noinline]] static void barrier(unsigned flags) {
  __attribute__((musttail)) return runtime->barrier(flags);
}

[[clang::convergent, clang::nomerge, clang::not_tail_called, gnu::noinline]] static void meet(Collective* collective) {
  collective->site = __builtin_return_address(0);
  __attribute__((musttail)) return runtime->collective(collective);
}

// The calling thread's place in its SIMD-group.
SOFTMETAL_RUNTIME_CALL unsigned lane() { return runtime->thread_index() % kSimdWidth; }

#if SOFTMETAL_CHECKED
[[gnu::noinline]] static void tell_atomic(const volatile void* object,
                                           unsigned long bytes,
                                           bool reads,
                                           bool writes) {
  runtime->checks.atomic(object, bytes, reads, writes, __builtin_return_address(0));
}
#endif

// Whether this build lets threads wait for each other; entry.h knows.
static bool may_block();

// After each look at an atomic object, which may be one of a loop's.
SOFTMETAL_RUNTIME_CALL void poll(const volatile void* object, unsigned long value) {
  if (may_block()) {
    __attribute__((musttail)) return runtime->poll(object, value);
  }
}

// Before each access to an atomic object, which no instrumentation sees.
template <class T>
[[gnu::always_inline]] inline void note_atomic([[maybe_unused]] const volatile T* object,
                                               [[maybe_unused]] bool reads,
                                               [[maybe_unused]] bool writes) {
#if SOFTMETAL_CHECKED
  tell_atomic(object, sizeof(T), reads, writes);
#endif
}

// A fence that orders what the thread did before with atomic writes behind it, or atomic reads before it with what follows.
SOFTMETAL_RUNTIME_CALL void note_fence([[maybe_unused]] bool releases, [[maybe_unused]] bool acquires) {
#if SOFTMETAL_CHECKED
  runtime->checks.fence(releases, acquires);
#endif
}

SOFTMETAL_RUNTIME_CALL void* threadgroup_address(unsigned index) {
  return runtime->threadgroup_variable(index);
}

// The storage of a variable declared `threadgroup` in a kernel's body. Also lists the variable: the record is emitted
// with the code that uses it, so a kernel's object lists the variables of that kernel alone.
template <class T, unsigned Index>
[[gnu::always_inline]] inline T& threadgroup_variable() {
  static constexpr ThreadgroupVariable record
      __attribute__((used, retain, section("softmetal_variables"))) = {
          Index, sizeof(T), sizeof(__remove_all_extents(T))};
  return *static_cast<T*>(threadgroup_address(Index));
}

}  // namespace softmetal

#undef SOFTMETAL_RUNTIME_CALL
#pragma clang attribute pop
