// Says in words why two accesses are not ordered.
#pragma once

#include "softmetal/checks/phases.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// Gives a finding of two accesses to memory of `space` its message and its remedy.
void explain_conflict(Finding& finding,
                      const Phases::Phase& then,
                      const Phases::Phase& now,
                      Space space);

}  // namespace softmetal
