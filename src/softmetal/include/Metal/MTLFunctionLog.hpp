#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

/// Messages of a command buffer's functions: none.
class LogContainer : public NS::Referencing<LogContainer, NS::FastEnumeration> {};

}  // namespace MTL
