// Choosing a template instance by the dtype of a tensor.
#pragma once

#include "ingot/dtype.hpp"

namespace ingot::kernels {

/// Calls `f.template operator()<T>()` with the one of `Types` that is `dtype`. Unlike visit() it
/// makes no instances for the others. Does nothing when none is.
template <class... Types, class F>
void visit_among(DType dtype, F&& f) {
  (void)((dtype == dtype_of<Types> && (f.template operator()<Types>(), true)) || ...);
}

}  // namespace ingot::kernels
