// For builds that count how often each block of the shader's code runs (-fsanitize-coverage=trace-pc-guard,pc-table).
// The last header before the shader's text.
#pragma once

#include "softmetal/abi.h"

// The linker's names for the ends of the tables that clang writes, an element a block.
extern "C" {
extern unsigned __start___sancov_guards[] __attribute__((weak, visibility("hidden")));
extern const ::softmetal::CodeBlock __start___sancov_pcs[] __attribute__((weak, visibility("hidden")));
extern const ::softmetal::CodeBlock __stop___sancov_pcs[] __attribute__((weak, visibility("hidden")));

extern ::softmetal::CodeBlocks softmetal_blocks __attribute__((visibility("default")));

// Called at the begin of a block. The initialisers of a shader's constants run before anybody counts.
__attribute__((visibility("hidden"), nodebug, no_sanitize("coverage"))) void __sanitizer_cov_trace_pc_guard(
    unsigned* guard) {
  if (softmetal_blocks.counts != nullptr) {
    __atomic_fetch_add(&softmetal_blocks.counts[guard - __start___sancov_guards], 1, __ATOMIC_RELAXED);
  }
}

// Called when the object is loaded.
__attribute__((visibility("hidden"), nodebug, no_sanitize("coverage"))) void __sanitizer_cov_trace_pc_guard_init(
    unsigned*, unsigned*) {}
__attribute__((visibility("hidden"), nodebug, no_sanitize("coverage"))) void __sanitizer_cov_pcs_init(
    const ::softmetal::CodeBlock*, const ::softmetal::CodeBlock*) {}
}

namespace softmetal {
template <auto Function>
const void* const code_of = reinterpret_cast<const void*>(Function);
}

#define SOFTMETAL_BLOCKS(callable)                                                       \
  ::softmetal::CodeBlocks softmetal_blocks = {__start___sancov_pcs, __stop___sancov_pcs, \
                                              ::softmetal::code_of<callable>, nullptr};

// The blocks of the shader's text are to be those that its author wrote: none merged, none copied to where it is inlined.
#define always_inline noinline
#define __always_inline__ noinline
#pragma clang optimize off
