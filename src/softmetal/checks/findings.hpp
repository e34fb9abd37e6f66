// Where findings are kept until someone takes them.
#pragma once

#include <string>

#include "softmetal/failure.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// Keeps a finding for take_findings() and prints it if the options say so. From any thread.
void report(Finding finding);

/// Reports all of them. The first that is no advice is what a command buffer fails with.
Failure report_all(std::vector<Finding> findings);

/// "thread (37, 0, 0), number 5 of threadgroup (1, 0, 0)".
std::string to_string(const ThreadId& thread);

/// The same, and "writes 4 bytes at file:3:5".
std::string to_string(const Access& access);

}  // namespace softmetal
