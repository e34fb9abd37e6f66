// Which sanitizer the program is built with: some have to be told of every change of stacks.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SOFTMETAL_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define SOFTMETAL_TSAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SOFTMETAL_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define SOFTMETAL_TSAN 1
#endif

/// Before functions that ThreadSanitizer must not see into.
#ifdef SOFTMETAL_TSAN
#define SOFTMETAL_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))
#else
#define SOFTMETAL_UNINSTRUMENTED
#endif
