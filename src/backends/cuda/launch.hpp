// What an entry is told of its launch; softmetal/launch.h of the shim has the same.
#pragma once

#include <cstdint>

namespace ingot::cuda {

inline constexpr int kThreadgroupArguments = 31;

struct Launch {
  std::uint32_t threads_per_grid[3];
  std::uint32_t whole;                                         // no threadgroup is smaller
  std::uint32_t threadgroup_arguments[kThreadgroupArguments];  // offsets in dynamic shared memory
};

}  // namespace ingot::cuda
