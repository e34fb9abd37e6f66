#include "health/linux/cgroup.hpp"

#include <algorithm>

namespace ingot::health {
namespace {

void take_least(std::optional<double>& least, std::optional<double> value) {
  if (value) {
    least = std::min(*value, least.value_or(*value));
  }
}

// "max 100000" has no number in front: no limit.
std::optional<double> cores_of(const std::string& cpu_max) {
  const std::optional<double> quota = leading_number(cpu_max);
  const size_t blank = cpu_max.find(' ');
  const std::optional<double> period =
      blank == std::string::npos ? std::nullopt : leading_number(cpu_max.substr(blank));
  return quota && period.value_or(0) > 0 ? std::optional(*quota / *period) : std::nullopt;
}

void read_group(const Tree& tree, const std::string& folder, CgroupLimits& limits) {
  if (const auto limit = tree.number(folder + "/memory.max")) {
    take_least(limits.memory_bytes, limit);
    if (const auto used = tree.number(folder + "/memory.current")) {
      const std::string statistics = tree.text(folder + "/memory.stat").value_or("");
      const auto cache = line_value(statistics, "inactive_file ");
      const double kept = *used - (cache ? leading_number(*cache).value_or(0) : 0);
      take_least(limits.available_bytes, std::max(0.0, *limit - kept));
    }
  }
  if (const auto cpu_max = tree.text(folder + "/cpu.max")) {
    take_least(limits.cores, cores_of(*cpu_max));
  }
}

}  // namespace

CgroupLimits read_cgroup_limits(const Tree& tree) {
  CgroupLimits limits;
  const std::string groups = tree.text("proc/self/cgroup").value_or("");
  const auto own = line_value(groups, "0::");
  if (!own) {
    return limits;
  }
  // From the process's own group up to the root, whose files exist inside a container only.
  std::string group(own->starts_with("/..") ? "" : *own);
  while (group.ends_with('/')) {
    group.pop_back();
  }
  for (;;) {
    read_group(tree, "sys/fs/cgroup" + group, limits);
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) {
      return limits;
    }
    group.resize(slash);
  }
}

}  // namespace ingot::health
