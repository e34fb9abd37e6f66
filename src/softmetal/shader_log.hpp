// What shaders log through metal::os_log.
#pragma once

#include <string>

#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// The text of a message: its format with the arguments filled in. A conversion takes an argument
/// of another type as what it is; one without an argument, or that is none, stays as it stands.
/// Vectors give their elements, with commas between them.
std::string text_of(const LogMessage& message);

/// Prints a message on standard error if MTL_LOG_TO_STDERR is 1, as Metal does. Called by kernels.
void log(const LogMessage* message);

}  // namespace softmetal
