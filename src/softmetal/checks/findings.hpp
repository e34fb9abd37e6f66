// Where findings are kept until someone takes them.
#pragma once

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// Keeps a finding for take_findings() and prints it if the options say so. From any thread.
void report(Finding finding);

}  // namespace softmetal
