#include "msl/predefined_macros.hpp"

namespace ingot::msl {

std::vector<std::string> predefined_macros(unsigned metal_version) {
  return {"__METAL__=1",
          "__METAL_MACOS__=1",
          "__METAL_VERSION__=" + std::to_string(metal_version),
          "coherent(scope)=",
          "__HAVE_BFLOAT__=1",
          "__HAVE_ATOMIC_ULONG__=1",
          "__HAVE_ATOMIC_ULONG_MIN_MAX__=1",
          "__HAVE_QUADGROUP__=1",
          "__HAVE_SIMDGROUP__=1",
          "__HAVE_SIMDGROUP_BALLOT__=1",
          "__HAVE_SIMDGROUP_MATRIX__=1",
          "__HAVE_SIMDGROUP_REDUCTION__=1",
          "__HAVE_SIMDGROUP_SHUFFLE_AND_FILL__=1"};
}

}  // namespace ingot::msl
