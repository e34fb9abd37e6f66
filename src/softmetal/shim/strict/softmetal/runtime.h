// What the library needs of softmetal/abi.h and softmetal/runtime.h, as declarations: the dialect has no pointers to
// functions in structs.
#pragma once

namespace softmetal {

constexpr unsigned kSimdWidth = 32;

struct Collective;

struct CollectiveFunction {
  enum Kind : unsigned char { kExchange, kVote, kBarrier };
  struct Perform {
    template <class F>
    constexpr Perform(F) {}
  };
  Perform perform;
  Kind kind;
  unsigned char width;
};

struct Collective {
  const void* site;
  const CollectiveFunction* function;
};

struct SimdBarrier : Collective {
  unsigned flags;
};

void barrier(unsigned flags);
void meet(Collective* collective);
unsigned lane();
void poll(const volatile void* object, unsigned long value);
template <class T>
void note_atomic(const volatile T* object, bool reads, bool writes);
void note_fence(bool releases, bool acquires);

// A variable declared `threadgroup` in a kernel's body.
template <class T>
__local T& threadgroup_variable();

}  // namespace softmetal
