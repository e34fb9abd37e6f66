// The members of structs that kernels take in buffers, for programs that fill them through an argument encoder.
#pragma once

#include <metal_array>

#include "softmetal/abi.h"

namespace softmetal {

constexpr unsigned kNextArgument = ~0u;  // the id after that of the member before

template <class F, unsigned Index>
struct ParameterAt;
template <class... P, unsigned Index>
struct ParameterAt<void (*)(P...), Index> {
  using type = __type_pack_element<Index, P...>;
};

// The struct that a kernel's parameter points or refers to.
template <auto Function, unsigned Index>
using ArgumentStruct = metal::remove_cv_t<metal::remove_pointer_t<
    metal::remove_reference_t<typename ParameterAt<decltype(Function), Index>::type>>>;

// How many ids a member takes.
template <class T>
constexpr unsigned id_count = 1;
template <class T, unsigned long N>
constexpr unsigned id_count<T[N]> = N;
template <class T, unsigned long N>
constexpr unsigned id_count<metal::array<T, N>> = N;

// A reference is kept as the address of what it refers to.
template <class T>
constexpr unsigned long stored_size = sizeof(T);
template <class T>
constexpr unsigned long stored_size<T&> = sizeof(void*);

template <class T>
constexpr bool is_address = __is_pointer(T) || __is_reference(T);
template <class T, unsigned long N>
constexpr bool is_address<T[N]> = is_address<T>;
template <class T, unsigned long N>
constexpr bool is_address<metal::array<T, N>> = is_address<T>;

template <class T>
constexpr ArgumentMember member(unsigned buffer, unsigned id, unsigned long offset) {
  return {buffer, id, id_count<T>, offset, stored_size<T> / id_count<T>, is_address<T>};
}

template <unsigned N>
struct ArgumentMembers {
  ArgumentMember list[N];

  constexpr ArgumentMembers(const ArgumentMember (&members)[N]) : list{} {
    for (unsigned i = 0; i < N; ++i) {
      list[i] = members[i];
      if (list[i].id == kNextArgument) {
        const bool is_first = i == 0 || list[i - 1].buffer != list[i].buffer;
        list[i].id = is_first ? 0 : list[i - 1].id + list[i - 1].count;
      }
    }
  }
};

}  // namespace softmetal

#define SOFTMETAL_MEMBER(callable, parameter, buffer, id, name)                          \
  ::softmetal::member<decltype(::softmetal::ArgumentStruct<callable, parameter>::name)>( \
      buffer, id, __builtin_offsetof(::softmetal::ArgumentStruct<callable, parameter>, name))

#define SOFTMETAL_MEMBERS(...)                                                                               \
  static constexpr ::softmetal::ArgumentMembers softmetal_members({__VA_ARGS__});                            \
  extern "C" __attribute__((visibility("default"))) const ::softmetal::ArgumentMemberTable softmetal_arguments = { \
      softmetal_members.list, sizeof softmetal_members.list / sizeof softmetal_members.list[0]};
