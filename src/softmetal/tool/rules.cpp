#include "softmetal/tool/rules.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "ingot/error.hpp"

namespace softmetal::tool {
namespace {

constexpr Rule kRules[] = {
    {"compile",
     "The source does not compile.",
     "The text breaks the rules of C++ or of the Metal Shading Language, or it uses a part of "
     "Metal "
     "that softmetal does not have. The message says which."},
    {"bounds",
     "An access lies outside of the memory it aims at.",
     "A GPU reads or changes whatever lies there, mostly without a sign. Compare the index with "
     "the "
     "number of elements, or dispatch only as many threads as there are elements."},
    {"alignment",
     "An address is not a multiple of the type's alignment.",
     "Vectors must lie at multiples of their size. Use packed_float4 and the like, or keep offsets "
     "to multiples of the type."},
    {"race",
     "Two threads access the same memory without an order between them, and one of them writes.",
     "Which access comes first depends on the moment. Within a threadgroup put a "
     "threadgroup_barrier between the two; between threadgroups use atomics, or two dispatches."},
    {"barrier",
     "Threads of one threadgroup do not meet in the same barrier.",
     "A GPU may hang or go on with memory half written. Every thread of the group must reach every "
     "barrier: move barriers out of branches and loops of different lengths, and return after the "
     "last one."},
    {"uninitialised",
     "Memory is read that nobody has written.",
     "Threadgroup and local memory hold what was there before. Write every element that is read, "
     "and put a barrier behind the writes of other threads."},
    {"readonly",
     "Constant memory, or a buffer bound for reading, is written.",
     "Bind the data to a device pointer without const."},
    {"arguments",
     "An argument is missing or smaller than its type.",
     "Bind every argument, with at least the bytes that its type takes."},
    {"divergence",
     "A SIMD-group function is called by some lanes of a SIMD-group only.",
     "What the other lanes contribute is undefined on a GPU. Call it where all lanes come by."},
    {"arithmetic",
     "A shift by the type's width or more, or an integer division by zero.",
     "The result is undefined. Check the operand before."},
    {"freed",
     "A kernel accesses a buffer that has been released.",
     "Keep the buffer until the command buffer has completed."},
    {"order",
     "Two dispatches without a barrier between them touch the same memory.",
     "In a concurrent encoder nothing orders dispatches: put a memoryBarrier between them."},
    {"hang",
     "A thread waits for what cannot happen.",
     "Threadgroups make no progress while others run, unless the GPU pleases. Let no thread wait "
     "for another threadgroup, and end every loop."},
};

}  // namespace

std::span<const Rule> rules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> list(std::begin(kRules), std::end(kRules));
    list.insert(list.end(), strict::rules().begin(), strict::rules().end());
    return list;
  }();
  return all;
}

std::size_t rule_index(std::string_view id) {
  const auto found = std::ranges::find(rules(), id, &Rule::id);
  if (found == rules().end()) {
    throw ingot::Error(ingot::ErrorCode::kInternal, std::string(id), "is no rule's name");
  }
  return static_cast<std::size_t>(found - rules().begin());
}

bool is_strict(std::string_view id) {
  return id != "metal" &&
         std::ranges::find(strict::rules(), id, &Rule::id) != strict::rules().end();
}

}  // namespace softmetal::tool
