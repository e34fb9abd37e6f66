// A checked build: the functions that the sanitizers' instrumentation calls, passed on to the executor.
#pragma once

#include "softmetal/runtime.h"

#pragma clang attribute push(__attribute__((no_sanitize("kernel-address", "undefined"))), apply_to = function)
#pragma GCC visibility push(hidden)

// A jump, so that the executor sees the address that the kernel's call returns to.
#define SOFTMETAL_ACCESS(name, size_index, bytes)                                               \
  void softmetal_##name##bytes##_noabort(void* address) {                                       \
    __attribute__((musttail)) return softmetal::runtime->checks.name[size_index](address);      \
  }
#define SOFTMETAL_FAULT(handler, kind)                                                          \
  void __ubsan_handle_##handler(void* data, unsigned long left, unsigned long right) {          \
    softmetal::runtime->checks.fault(                                                           \
        softmetal::UndefinedOperation::kind, data, left, right, __builtin_return_address(0));                \
  }

extern "C" {

SOFTMETAL_ACCESS(load, 0, 1)
SOFTMETAL_ACCESS(load, 1, 2)
SOFTMETAL_ACCESS(load, 2, 4)
SOFTMETAL_ACCESS(load, 3, 8)
SOFTMETAL_ACCESS(load, 4, 16)
SOFTMETAL_ACCESS(store, 0, 1)
SOFTMETAL_ACCESS(store, 1, 2)
SOFTMETAL_ACCESS(store, 2, 4)
SOFTMETAL_ACCESS(store, 3, 8)
SOFTMETAL_ACCESS(store, 4, 16)

void softmetal_loadN_noabort(void* address, unsigned long bytes) {
  softmetal::runtime->checks.access(address, bytes, false, __builtin_return_address(0));
}
void softmetal_storeN_noabort(void* address, unsigned long bytes) {
  softmetal::runtime->checks.access(address, bytes, true, __builtin_return_address(0));
}
void* softmetal_memcpy(void* to, void* from, unsigned long bytes) {
  softmetal::runtime->checks.access(from, bytes, false, __builtin_return_address(0));
  softmetal::runtime->checks.access(to, bytes, true, __builtin_return_address(0));
  return __builtin_memcpy(to, from, bytes);
}
void* softmetal_memmove(void* to, void* from, unsigned long bytes) {
  softmetal::runtime->checks.access(from, bytes, false, __builtin_return_address(0));
  softmetal::runtime->checks.access(to, bytes, true, __builtin_return_address(0));
  return __builtin_memmove(to, from, bytes);
}
void* softmetal_memset(void* to, int value, unsigned long bytes) {
  softmetal::runtime->checks.access(to, bytes, true, __builtin_return_address(0));
  return __builtin_memset(to, value, bytes);
}

// The operands that a handler does not have are never looked at.
SOFTMETAL_FAULT(shift_out_of_bounds, kShift)
SOFTMETAL_FAULT(divrem_overflow, kDivision)
SOFTMETAL_FAULT(type_mismatch_v1, kAlignment)
SOFTMETAL_FAULT(out_of_bounds, kIndex)

}  // extern "C"

#undef SOFTMETAL_ACCESS
#undef SOFTMETAL_FAULT
#pragma GCC visibility pop
#pragma clang attribute pop
