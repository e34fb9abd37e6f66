#include "softmetal/strict/rules.hpp"

namespace softmetal::strict {
namespace {

constexpr Rule kRules[] = {
    {"metal",
     "A declaration is not Metal, or uses a part of Metal that softmetal does not have.",
     "The message says which. Apple's compiler may know more than softmetal here."},
    {"address-space",
     "A pointer or reference has no address space, or one that does not fit.",
     "In Metal device, constant, threadgroup and thread belong to the type, and none converts to "
     "another. Functions that serve several need an overload or a template for each."},
    {"argument-type",
     "A kernel's built-in input has a type that Metal does not give it.",
     "Positions and sizes are ushort or uint, or vectors of two or three of them; indices are "
     "ushort "
     "or uint."},
    {"double",
     "A floating-point type wider than float is used.",
     "GPUs that Metal runs on have no such unit. Use float, or two floats for more digits."},
    {"wide-integer",
     "An integer type is used that Metal does not have.",
     "The widest integers are long and ulong, of 64 bits."},
    {"function-pointer",
     "A variable points to a function.",
     "Pass functions as template arguments, or objects with an operator()."},
    {"variadic", "A function takes C's variable arguments.", "Use a template parameter pack."},
    {"virtual", "A function is virtual.", "Metal has none: use templates."},
    {"rtti", "The type of an object is asked for while the program runs.", "Use templates."},
    {"exceptions", "An exception is thrown or caught.", "Write a status to a buffer."},
    {"new", "Memory is asked for while the program runs.", "Use buffers or local arrays."},
    {"goto", "goto is used.", "Use loops and functions."},
    {"asm", "Inline assembly is used.", "Metal has no assembly language."},
    {"storage",
     "A storage class is used that Metal does not have.",
     "Local variables are each thread's own."},
    {"static",
     "A local variable is static.",
     "No variable of a thread outlives a call. Constants are declared as static constant."},
    {"program-scope",
     "A variable of program scope is not in the constant address space.",
     "What threads share is in buffers; what never changes is declared with constant."},
    {"main", "A function is called main.", "Metal reserves the name."},
    {"lambda",
     "A lambda expression in a version of Metal that has none.",
     "Lambda expressions came with Metal 3.2. Use a function, or ask for a later version."},
    {"recursion",
     "A function calls itself, perhaps through others.",
     "A thread's stack on a GPU is small and of fixed size. Use a loop."},
    {"kernel-call",
     "A kernel is called by a function.",
     "Only the host starts kernels. Move what they share into a function."},
    {"threadgroup-memory",
     "A kernel declares more threadgroup memory than there is.",
     "A threadgroup has 32768 bytes."},
    {"threads",
     "A kernel allows more threads in a threadgroup than there can be.",
     "A threadgroup has 1024 threads at the most."},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

}  // namespace softmetal::strict
