// What a compiled kernel and the executor share. Both sides include this file; it is plain data and function pointers, so
// a kernel needs no symbol of the program that loads it.
#pragma once

namespace softmetal {

constexpr unsigned kSimdWidth = 32;
constexpr unsigned kMaxThreads = 1024;  // a threadgroup
constexpr unsigned kMaxBindings = 31;   // buffers, and threadgroup arguments
constexpr unsigned kThreadgroupMemoryLimit = 32 * 1024;  // bytes, variables and arguments together

struct Extent {
  unsigned x, y, z;
};

// One threadgroup on its way through a kernel. The kernel's loop takes the threads from `next` up to `end`; a thread that
// blocks leaves the rest to the loop of another fiber. Under a schedule the executor names one thread at a time.
struct Group {
  void* const* buffers;
  void* const* threadgroup_arguments;
  Extent threads_per_grid;
  Extent threadgroups_per_grid;
  Extent dispatched_size;  // threads per threadgroup as dispatched
  Extent size;             // of this group: smaller at the edges of a grid
  Extent position;         // of this group in the grid
  unsigned thread_count;   // size.x * size.y * size.z
  unsigned next;           // the thread to start next, and its place in the group
  Extent next_position;
  unsigned end;            // the loop ends before this thread
  unsigned current;        // the running thread
  unsigned blocked_in_simd_groups;         // threads that wait in a SIMD-group function
  unsigned finished[kMaxThreads / kSimdWidth];  // one bit a thread, one word a SIMD-group
};

struct Collective;

// A SIMD-group function, for one type of operand.
struct CollectiveFunction {
  enum Kind : unsigned char {
    kExchange,  // its result is that of all lanes, or of another one
    kVote,      // asks which lanes are here
    kBarrier,   // the call is a SimdBarrier
  };
  // Does the work of all lanes of `active` at once: reads their operands, writes their results. Gives the lanes whose
  // result is undefined, because they read from a lane that is not active.
  unsigned (*perform)(Collective* const* lanes, unsigned active);
  Kind kind;
  unsigned char width;  // of the groups in which lanes meet: 32, or 4 for quad-groups
};

// A call of a SIMD-group function by one lane. It lives on the lane's stack until the lane goes on.
struct Collective {
  const void* site;  // where the kernel calls from: lanes meet when their sites are equal
  const CollectiveFunction* function;
};

struct SimdBarrier : Collective {
  unsigned flags;  // of metal::mem_flags
};

// What a shader logs beside its text: a scalar, or the elements of a vector.
struct LogArgument {
  enum Kind : unsigned char { kSigned, kUnsigned, kFloating, kAddress };
  Kind kind;
  unsigned char count;
  union {
    long integers[4];  // and addresses
    float floats[4];
  };
};

// The levels of metal::os_log, as MTLLogLevel numbers them.
enum class LogLevel : unsigned { kDebug = 1, kInfo, kNotice, kError, kFault };

struct LogMessage {
  LogLevel level;
  const char* subsystem;  // nullptr: the default log
  const char* category;
  const char* format;  // as of printf
  const LogArgument* arguments;
  unsigned count;
};

// A mistake that the compiler's own checks find, with the data that they pass.
enum class UndefinedOperation : unsigned { kShift, kDivision, kAlignment, kIndex };

// What a checked build tells about each access before it makes it. `site` is where the access returns to; of `load` and
// `store` it is their return address.
struct Checks {
  void (*load[5])(void* address);  // of 1, 2, 4, 8 and 16 bytes
  void (*store[5])(void* address);
  void (*access)(void* address, unsigned long bytes, bool writes, const void* site);
  void (*atomic)(
      const volatile void* address, unsigned long bytes, bool reads, bool writes, const void* site);
  void (*fence)(bool releases, bool acquires);
  void (*fault)(
      UndefinedOperation operation, void* data, unsigned long left, unsigned long right, const void* site);
};

struct Runtime {
  void (*barrier)(unsigned flags);  // of metal::mem_flags; returns to where the kernel calls from
  void (*collective)(Collective*);
  void (*next_thread)();  // called when there is no thread left to start; comes back when there is
  unsigned (*thread_index)();  // of the calling thread in its group
  void (*thread_finished)();  // called when others of the group wait in a SIMD-group function
  // A thread has seen `value` in an atomic object: it may be waiting for another value, so now and then others go first.
  void (*poll)(const volatile void* object, unsigned long value);
  void* (*threadgroup_variable)(unsigned index);
  void (*log)(const LogMessage*);
  Checks checks;
};

struct ThreadgroupVariable {
  unsigned index, size;
  unsigned element_size;  // of the innermost elements of an array
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
  bool is_pointer;       // or a reference
};

// `softmetal_arguments` of a kernel's shared object. It is not there for a kernel without such structs.
struct ArgumentMemberTable {
  const ArgumentMember* members;
  unsigned count;
};

// What a kernel's shared object offers, as `softmetal_entry`.
struct Entry {
  const char* code_begin;  // of the shared object as it is loaded
  const char* code_end;
  void (*set_runtime)(const Runtime*);
  void (*run)(Group*);  // runs threads from `next` on, for ever: of one group after the other
  const ThreadgroupVariable* variables_begin;
  const ThreadgroupVariable* variables_end;
  const ParameterType* parameters;
  unsigned parameter_count;
};

// A run of instructions that is always entered at its first, as clang's -fsanitize-coverage=pc-table lists it.
struct CodeBlock {
  static constexpr unsigned long kBeginsFunction = 1;
  const void* code;
  unsigned long flags;
};

// What a build that counts executions offers besides, as `softmetal_blocks`.
struct CodeBlocks {
  const CodeBlock* begin;
  const CodeBlock* end;
  const void* kernel;     // the code of the kernel function
  unsigned long* counts;  // one for each block; set by the executor
};

}  // namespace softmetal
