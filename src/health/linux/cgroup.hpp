// What a container, a service or a user session may use: cgroup v2.
#pragma once

#include <optional>
#include <string>

#include "health/linux/tree.hpp"

namespace ingot::health {

/// The tightest limits of this process's cgroup and those above it; empty where there are none.
struct CgroupLimits {
  std::optional<double> memory_bytes;     // memory.max
  std::optional<double> available_bytes;  // of it, file cache that can be dropped counted as free
  std::optional<double> cores;            // cpu.max: quota over period
};

CgroupLimits read_cgroup_limits(const Tree& tree);

}  // namespace ingot::health
