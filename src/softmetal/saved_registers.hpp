// How a stopped fiber looks: the registers that a call must preserve lie on its stack, in this
// order, and on x86-64 the address at which it goes on above them. The floating-point control words
// are the same everywhere here and stay as they are. For use in asm().
#pragma once

#if defined(__x86_64__)

#define SOFTMETAL_SAVE_REGISTERS \
  "pushq %rbp\n"                 \
  "pushq %rbx\n"                 \
  "pushq %r12\n"                 \
  "pushq %r13\n"                 \
  "pushq %r14\n"                 \
  "pushq %r15\n"

#define SOFTMETAL_LOAD_REGISTERS \
  "popq %r15\n"                  \
  "popq %r14\n"                  \
  "popq %r13\n"                  \
  "popq %r12\n"                  \
  "popq %rbx\n"                  \
  "popq %rbp\n"

#elif defined(__aarch64__)

#define SOFTMETAL_SAVE_REGISTERS \
  "sub sp, sp, #160\n"           \
  "stp x19, x20, [sp, #0]\n"     \
  "stp x21, x22, [sp, #16]\n"    \
  "stp x23, x24, [sp, #32]\n"    \
  "stp x25, x26, [sp, #48]\n"    \
  "stp x27, x28, [sp, #64]\n"    \
  "stp x29, x30, [sp, #80]\n"    \
  "stp d8, d9, [sp, #96]\n"      \
  "stp d10, d11, [sp, #112]\n"   \
  "stp d12, d13, [sp, #128]\n"   \
  "stp d14, d15, [sp, #144]\n"

#define SOFTMETAL_LOAD_REGISTERS \
  "ldp x19, x20, [sp, #0]\n"     \
  "ldp x21, x22, [sp, #16]\n"    \
  "ldp x23, x24, [sp, #32]\n"    \
  "ldp x25, x26, [sp, #48]\n"    \
  "ldp x27, x28, [sp, #64]\n"    \
  "ldp x29, x30, [sp, #80]\n"    \
  "ldp d8, d9, [sp, #96]\n"      \
  "ldp d10, d11, [sp, #112]\n"   \
  "ldp d12, d13, [sp, #128]\n"   \
  "ldp d14, d15, [sp, #144]\n"   \
  "add sp, sp, #160\n"

#else
#error "softmetal's fibers know x86-64 and aarch64"
#endif

// A function of the assembler, with C linkage and hidden.
#if defined(__x86_64__)
#define SOFTMETAL_FUNCTION_TYPE "@function"
#else
#define SOFTMETAL_FUNCTION_TYPE "%function"
#endif
#define SOFTMETAL_ASM_FUNCTION(name, code)                                                      \
  asm(".text\n"                                                                                 \
      ".p2align 4\n"                                                                            \
      ".globl " name                                                                            \
      "\n"                                                                                      \
      ".hidden " name                                                                           \
      "\n"                                                                                      \
      ".type " name ", " SOFTMETAL_FUNCTION_TYPE "\n" name ":\n" code ".size " name ", .-" name \
      "\n")
