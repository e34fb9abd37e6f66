#include "softmetal/checks/conflict.hpp"

#include <fmt/format.h>

namespace softmetal {

void explain_conflict(Finding& finding,
                      const Phases::Phase& then,
                      const Phases::Phase& now,
                      Space space) {
  const bool is_device = space == Space::kDevice;
  const char* memory = is_device ? "device" : "threadgroup";
  const auto other = static_cast<std::size_t>(is_device ? Space::kThreadgroup : Space::kDevice);
  if (then.dispatch != now.dispatch) {
    finding.message = "two dispatches that nothing orders touch the same memory";
    finding.remedy = "put a memoryBarrier between them, or encode them serially";
  } else if (then.group != now.group) {
    finding.message = "two threadgroups touch the same memory in one dispatch";
    finding.remedy = "use atomics, or split the work into two dispatches";
  } else if (then.epoch[other] != now.epoch[other]) {
    finding.message = fmt::format(
        "two threads touch the same {} memory, and the barrier between them orders other memory",
        memory);
    finding.remedy = fmt::format("add mem_flags::mem_{} to the barrier", memory);
  } else {
    finding.message = fmt::format(
        "two threads of a threadgroup touch the same {} memory without a barrier between them",
        memory);
    finding.remedy =
        fmt::format("put threadgroup_barrier(mem_flags::mem_{}) between the two", memory);
  }
}

}  // namespace softmetal
