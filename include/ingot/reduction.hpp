// Options shared by the reductions.
#pragma once

#include <cstdint>
#include <optional>

namespace ingot {

struct ReductionOptions {
  /// The dimension to reduce; a negative one counts from the end. Absent: all elements.
  std::optional<int64_t> axis = {};
};

}  // namespace ingot
