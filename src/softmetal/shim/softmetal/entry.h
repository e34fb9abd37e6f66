// Turns a kernel function into the entry that the executor calls: finds the parameter types by deduction, fetches an
// argument for each, and loops over the threads of a group.
#pragma once

#include <metal_stdlib>

#include "softmetal/abi.h"
#include "softmetal/argument_members.h"
#include "softmetal/runtime.h"

// What the executor keeps about a thread is none of the kernel's memory. But the address that a reference is bound to is
// the program's.
#pragma clang attribute push(__attribute__((no_sanitize("kernel-address"))), apply_to = function)
#define SOFTMETAL_OWN_MEMORY [[clang::no_sanitize("undefined")]]

namespace softmetal {

#if SOFTMETAL_NEVER_BLOCKS
[[gnu::always_inline]] static inline bool may_block() { return false; }
#else
[[gnu::always_inline]] static inline bool may_block() { return true; }
#endif

template <unsigned Index>
struct Buffer {};
template <unsigned Index>
struct Threadgroup {};
struct Disabled {};  // its [[function_constant]] is false

enum class BuiltinId {
  dispatch_quadgroups_per_threadgroup,
  dispatch_simdgroups_per_threadgroup,
  dispatch_threads_per_threadgroup,
  grid_origin,
  grid_size,
  quadgroup_index_in_threadgroup,
  quadgroups_per_threadgroup,
  simdgroup_index_in_threadgroup,
  simdgroups_per_threadgroup,
  thread_execution_width,
  thread_index_in_quadgroup,
  thread_index_in_simdgroup,
  thread_index_in_threadgroup,
  thread_position_in_grid,
  thread_position_in_threadgroup,
  threadgroup_position_in_grid,
  threadgroups_per_grid,
  threads_per_grid,
  threads_per_simdgroup,
  threads_per_threadgroup,
};
template <BuiltinId Id>
struct Builtin {};

struct Thread {
  const Group& group;
  Extent position;  // in the group
  unsigned index;   // in the group
};

template <class T>
struct Pack {  // an id as a scalar (its first coordinate) or a vector of two or three
  static T from(Extent e) { return T(e.x); }
};
template <class T>
struct Pack<metal::vec<T, 2>> {
  static metal::vec<T, 2> from(Extent e) { return metal::vec<T, 2>(T(e.x), T(e.y)); }
};
template <class T>
struct Pack<metal::vec<T, 3>> {
  static metal::vec<T, 3> from(Extent e) { return metal::vec<T, 3>(T(e.x), T(e.y), T(e.z)); }
};

template <BuiltinId Id>
SOFTMETAL_OWN_MEMORY inline Extent builtin(const Thread& thread) {
  const Group& group = thread.group;
  const auto scalar = [](unsigned value) { return Extent{value, 1, 1}; };
  const auto groups_of = [](Extent size, unsigned width) {
    return (size.x * size.y * size.z + width - 1) / width;
  };
  switch (Id) {
    case BuiltinId::thread_position_in_grid:
      // Every group before this one has the dispatched size: only the last of a row is smaller.
      return {group.position.x * group.dispatched_size.x + thread.position.x,
              group.position.y * group.dispatched_size.y + thread.position.y,
              group.position.z * group.dispatched_size.z + thread.position.z};
    case BuiltinId::thread_position_in_threadgroup:
      return thread.position;
    case BuiltinId::threadgroup_position_in_grid:
      return group.position;
    case BuiltinId::threadgroups_per_grid:
      return group.threadgroups_per_grid;
    case BuiltinId::threads_per_grid:
    case BuiltinId::grid_size:
      return group.threads_per_grid;
    case BuiltinId::grid_origin:
      return {0, 0, 0};
    case BuiltinId::threads_per_threadgroup:
      return group.size;
    case BuiltinId::dispatch_threads_per_threadgroup:
      return group.dispatched_size;
    case BuiltinId::thread_index_in_threadgroup:
      return scalar(thread.index);
    case BuiltinId::thread_index_in_simdgroup:
      return scalar(thread.index % kSimdWidth);
    case BuiltinId::simdgroup_index_in_threadgroup:
      return scalar(thread.index / kSimdWidth);
    case BuiltinId::threads_per_simdgroup:
    case BuiltinId::thread_execution_width:
      return scalar(kSimdWidth);
    case BuiltinId::simdgroups_per_threadgroup:
      return scalar(groups_of(group.size, kSimdWidth));
    case BuiltinId::dispatch_simdgroups_per_threadgroup:
      return scalar(groups_of(group.dispatched_size, kSimdWidth));
    case BuiltinId::thread_index_in_quadgroup:
      return scalar(thread.index % 4);
    case BuiltinId::quadgroup_index_in_threadgroup:
      return scalar(thread.index / 4);
    case BuiltinId::quadgroups_per_threadgroup:
      return scalar(groups_of(group.size, 4));
    case BuiltinId::dispatch_quadgroups_per_threadgroup:
      return scalar(groups_of(group.dispatched_size, 4));
  }
}

// The argument for a parameter of type P. A pointer parameter gets the address, a reference what is there.
template <class P>
struct Argument {
  template <BuiltinId Id>
  static P get(const Thread& thread, Builtin<Id>) {
    return Pack<metal::remove_cv_t<P>>::from(builtin<Id>(thread));
  }
  // An unused value; its parameter may not be read.
  static P get(const Thread&, Disabled) { return P(); }
};
template <class T>
struct Argument<T*> {
  template <unsigned Index>
  SOFTMETAL_OWN_MEMORY static T* get(const Thread& thread, Buffer<Index>) {
    return static_cast<T*>(thread.group.buffers[Index]);
  }
  template <unsigned Index>
  SOFTMETAL_OWN_MEMORY static T* get(const Thread& thread, Threadgroup<Index>) {
    return static_cast<T*>(thread.group.threadgroup_arguments[Index]);
  }
  static T* get(const Thread&, Disabled) { return reinterpret_cast<T*>(unused_memory); }
};
template <class T>
struct Argument<T&> {
  template <class Binding>
  static T& get(const Thread& thread, Binding binding) {
    return *Argument<T*>::get(thread, binding);
  }
  template <BuiltinId Id>
  static T& get(const Thread& thread, Builtin<Id>) = delete;
};

template <class Binding>
struct BindingOf {  // a built-in
  static constexpr ParameterType::Kind kind = ParameterType::kBuiltin;
  static constexpr unsigned index = 0;
};
template <unsigned Index>
struct BindingOf<Buffer<Index>> {
  static constexpr ParameterType::Kind kind = ParameterType::kBuffer;
  static constexpr unsigned index = Index;
};
template <unsigned Index>
struct BindingOf<Threadgroup<Index>> {
  static constexpr ParameterType::Kind kind = ParameterType::kThreadgroup;
  static constexpr unsigned index = Index;
};
template <>
struct BindingOf<Disabled> {
  static constexpr ParameterType::Kind kind = ParameterType::kDisabled;
  static constexpr unsigned index = 0;
};

// What a parameter of type P points or refers to; P itself for a value.
template <class P>
using Target = metal::remove_pointer_t<metal::remove_reference_t<P>>;

template <class T, class = int>
struct Layout {  // of void, or of a type that the source only declares
  static constexpr unsigned long size = 1;
  static constexpr unsigned long alignment = 1;
};
template <class T>
struct Layout<T, EnableIf<(sizeof(T) > 0)>> {
  static constexpr unsigned long size = sizeof(T);
  static constexpr unsigned long alignment = alignof(T);
};

template <class P, class Binding, class T = Target<P>>
constexpr ParameterType describe() {
  return {BindingOf<Binding>::kind,
          __is_lvalue_reference(P),
          __is_const(T),
          BindingOf<Binding>::index,
          Layout<T>::size,
          Layout<T>::alignment};
}

template <class F>
struct Kernel;
template <class... P>
struct Kernel<void (*)(P...)> {
  template <auto Function, class... Bindings>
  static void call(const Thread& thread) {
    static_assert(sizeof...(P) == sizeof...(Bindings), "one binding for each parameter");
    Function(Argument<P>::get(thread, Bindings())...);
  }

  // One more than there are, since an array cannot be empty.
  template <class... Bindings>
  static constexpr ParameterType parameters[sizeof...(P) + 1] = {describe<P, Bindings>()..., {}};
};

// Runs the threads of `group` that nobody has started.
template <auto Function, class... Bindings>
SOFTMETAL_OWN_MEMORY [[gnu::always_inline]] inline void run_threads(Group* group) {
  using Call = Kernel<decltype(Function)>;
#if SOFTMETAL_NEVER_BLOCKS
  // No thread waits for another, so nothing needs to be kept in `group` and the loop may be vectorised. The kernel could
  // overwrite the caller's list of buffers for all that the compiler knows, but not this one. Only the watchdog is told
  // now and then how far it is.
  constexpr unsigned kPiece = 256;
  volatile unsigned& next = group->next;
  Group g = *group;
  void* buffers[kMaxBindings];
  for (unsigned i = 0; i < kMaxBindings; ++i) {
    buffers[i] = group->buffers[i];
  }
  g.buffers = buffers;
  unsigned index = 0;
  for (unsigned z = 0; z < g.size.z; ++z) {
    for (unsigned y = 0; y < g.size.y; ++y) {
      for (unsigned first = 0; first < g.size.x; first += kPiece) {
        next = index;
        const unsigned last = g.size.x - first < kPiece ? g.size.x : first + kPiece;
        for (unsigned x = first; x < last; ++x) {
          Call::template call<Function, Bindings...>(Thread{g, {x, y, z}, index++});
        }
      }
    }
  }
  next = g.end;
#else
  while (group->next < group->end) {
    const unsigned index = group->next++;
    const Extent position = group->next_position;
    if (++group->next_position.x == group->size.x) {
      group->next_position.x = 0;
      if (++group->next_position.y == group->size.y) {
        group->next_position.y = 0;
        ++group->next_position.z;
      }
    }
    group->current = index;
    Call::template call<Function, Bindings...>(Thread{*group, position, index});
    group->finished[index / kSimdWidth] |= 1u << index % kSimdWidth;
    if (group->blocked_in_simd_groups != 0) {
      runtime->thread_finished();
    }
  }
#endif
}

template <auto Function, class... Bindings>
SOFTMETAL_OWN_MEMORY [[noreturn]] void run(Group* group) {
  for (;;) {
    run_threads<Function, Bindings...>(group);
    runtime->next_thread();
  }
}

template <auto Function, class... Bindings>
constexpr Entry make_entry() {
  return {&__ehdr_start,
          &etext,
          set_runtime,
          &run<Function, Bindings...>,
          &__start_softmetal_variables,
          &__stop_softmetal_variables,
          Kernel<decltype(Function)>::template parameters<Bindings...>,
          sizeof...(Bindings)};
}

}  // namespace softmetal

#undef SOFTMETAL_OWN_MEMORY
#pragma clang attribute pop

#define SOFTMETAL_ENTRY(callable, ...)                                                      \
  extern "C" __attribute__((visibility("default"))) const ::softmetal::Entry softmetal_entry = \
      ::softmetal::make_entry<callable __VA_OPT__(, ) __VA_ARGS__>();                          \
  SOFTMETAL_BLOCKS(callable)

#if SOFTMETAL_COVERAGE
#include "softmetal/coverage.h"
#else
#define SOFTMETAL_BLOCKS(callable)
#endif
