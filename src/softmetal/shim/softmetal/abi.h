// What a compiled kernel and the executor share. Both sides include this file; it is plain data and function pointers, so
// a kernel needs no symbol of the program that loads it.
#pragma once

namespace softmetal {

constexpr unsigned kSimdWidth = 32;
constexpr unsigned kMaxThreads = 1024;  // a threadgroup
constexpr unsigned kMaxBindings = 31;   // buffers, and threadgroup arguments
constexpr unsigned kMaxThreadgroupVariables = 256;

struct Extent {
  unsigned x, y, z;
};

// One threadgroup on its way through a kernel. The kernel's loop takes the threads in order; a thread that blocks leaves
// the rest to the loop of another fiber, which goes on at `next`.
struct Group {
  void* const* buffers;
  void* const* threadgroup_arguments;
  Extent threads_per_grid;
  Extent threadgroups_per_grid;
  Extent dispatched_size;  // threads per threadgroup as dispatched
  Extent size;             // of this group: smaller at the edges of a grid
  Extent position;         // of this group in the grid
  unsigned thread_count;   // size.x * size.y * size.z
  unsigned next;           // the first thread not yet started, and its place in the group
  Extent next_position;
  unsigned current;        // the running thread
  unsigned blocked_in_simd_groups;         // threads that wait in a SIMD-group function
  unsigned finished[kMaxThreads / kSimdWidth];  // one bit a thread, one word a SIMD-group
};

// A call of a SIMD-group function by one lane. It lives on the lane's stack until the lane goes on.
struct Collective {
  const void* site;  // where the kernel calls from: lanes meet when their sites are equal
  // Does the work of all lanes of `active` at once: reads their operands, writes their results.
  void (*perform)(Collective* const* lanes, unsigned active);
};

struct Runtime {
  void (*barrier)();
  void (*collective)(Collective*);
  void (*thread_finished)();  // called when others of the group wait in a SIMD-group function
  void* (*threadgroup_variable)(unsigned index);
};

struct ThreadgroupVariable {
  unsigned index, size, alignment;
};

// A parameter of the kernel as the compiler sees it, in the order of the source.
struct ParameterType {
  enum Kind : unsigned char { kBuffer, kThreadgroup, kBuiltin, kDisabled };
  Kind kind;
  bool is_reference;       // the argument must hold a whole object
  bool is_const;           // what it points or refers to is only read
  unsigned index;          // of the buffer or threadgroup argument
  unsigned long size;      // of what it points or refers to; 1 for void
  unsigned long alignment;
};

// A member of the struct that a buffer argument holds. An array takes one id for each element.
struct ArgumentMember {
  unsigned buffer;  // index of the argument
  unsigned id;
  unsigned count;        // of ids
  unsigned long offset;  // in the struct
  unsigned long size;    // of the member, or of each element of an array
};

// `softmetal_arguments` of a kernel's shared object. It is not there for a kernel without such structs.
struct ArgumentMemberTable {
  const ArgumentMember* members;
  unsigned count;
};

// What a kernel's shared object offers, as `softmetal_entry`.
struct Entry {
  void (*set_runtime)(const Runtime*);
  void (*run)(Group*);  // runs threads from `next` on until none is left to start
  const ThreadgroupVariable* variables_begin;
  const ThreadgroupVariable* variables_end;
  const ParameterType* parameters;
  unsigned parameter_count;
};

}  // namespace softmetal
