// Why a command buffer fails.
#pragma once

#include <string>
#include <utility>

#include "Metal/MTLCommandBuffer.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// What went wrong, if anything.
struct Failure {
  Failure() = default;
  Failure(std::string what, MTL::CommandBufferError why = MTL::CommandBufferErrorInternal)
      : text(std::move(what)), code(why) {}

  bool empty() const { return text.empty(); }

  std::string text;  // "": nothing
  MTL::CommandBufferError code = MTL::CommandBufferErrorNone;
};

/// The code that Metal has for what such a mistake does on a GPU.
MTL::CommandBufferError error_code_of(Check check);

}  // namespace softmetal
