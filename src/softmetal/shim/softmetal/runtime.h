// The kernel's side of the executor: barriers, SIMD-group exchange and threadgroup memory.
#pragma once

#include "softmetal/abi.h"

// The linker's names for the ends of the section that the threadgroup variables of the entry are listed in.
extern "C" {
extern const ::softmetal::ThreadgroupVariable __start_softmetal_variables
    __attribute__((weak, visibility("hidden")));
extern const ::softmetal::ThreadgroupVariable __stop_softmetal_variables
    __attribute__((weak, visibility("hidden")));
}

namespace softmetal {

static const Runtime* runtime;
static void set_runtime(const Runtime* table) { runtime = table; }

// Stands in for arguments that a function constant disables: the optimiser may load from them early.
alignas(128) static char unused_memory[1 << 16];

// Lanes meet by call site. "convergent" keeps the optimiser from moving a call into or out of branches, "nomerge" from
// making the calls of two branches one.
[[clang::convergent, gnu::noinline]] static void barrier() { runtime->barrier(); }

[[clang::convergent, clang::nomerge, gnu::noinline]] static void meet(Collective* collective) {
  collective->site = __builtin_return_address(0);
  runtime->collective(collective);
}

// The calling thread's place in its SIMD-group.
inline unsigned lane() { return runtime->thread_index() % kSimdWidth; }

// The storage of a variable declared `threadgroup` in a kernel's body.
template <class T>
[[gnu::always_inline]] inline T& threadgroup_variable(unsigned index) {
  return *static_cast<T*>(runtime->threadgroup_variable(index));
}

// The same, and lists the variable: the record is emitted with the code that uses it, so a kernel's object lists the
// variables of that kernel alone.
template <class T, unsigned Index>
[[gnu::always_inline]] inline T& threadgroup_variable() {
  static_assert(Index < kMaxThreadgroupVariables, "too many threadgroup variables");
  static constexpr ThreadgroupVariable record
      __attribute__((used, retain, section("softmetal_variables"))) = {Index, sizeof(T), alignof(T)};
  return threadgroup_variable<T>(Index);
}

}  // namespace softmetal
