#include "softmetal/failure.hpp"

namespace softmetal {

MTL::CommandBufferError error_code_of(Check check) {
  switch (check) {
    case Check::kBounds:
      return MTL::CommandBufferErrorPageFault;
    case Check::kHang:
    case Check::kBarrier:  // whose threads may wait for ever
      return MTL::CommandBufferErrorTimeout;
    case Check::kArguments:
    case Check::kFreed:
      return MTL::CommandBufferErrorInvalidResource;
    case Check::kAlignment:
    case Check::kRace:
    case Check::kUninitialised:
    case Check::kReadOnly:
    case Check::kDivergence:
    case Check::kArithmetic:
    case Check::kOrder:
      break;
  }
  return MTL::CommandBufferErrorInternal;
}

}  // namespace softmetal
