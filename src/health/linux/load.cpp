// Load, and the cores that share it.
#include <algorithm>

#include "fmt/format.h"

#include "health/linux/cgroup.hpp"
#include "health/linux/signals.hpp"

namespace ingot::health {

// The load average counts the tasks of the whole machine, so it is compared with all of its cores;
// what affinity and a container's quota leave is a signal of its own.
void read_load(const Tree& tree, Snapshot& snapshot) {
  const auto load = tree.number("proc/loadavg");
  snapshot.load_avg_1min =
      load ? known(*load, "/proc/loadavg") : unknown<double>("no /proc/loadavg");

  const auto online = count_of_list(tree.text("sys/devices/system/cpu/online").value_or(""));
  snapshot.num_cores = online
                           ? known(static_cast<double>(*online), "/sys/devices/system/cpu/online")
                           : unknown<double>("no /sys/devices/system/cpu/online");

  const std::string status = tree.text("proc/self/status").value_or("");
  const auto allowed = line_value(status, "Cpus_allowed_list:");
  const auto affinity = allowed ? count_of_list(*allowed) : std::nullopt;
  const auto quota = read_cgroup_limits(tree).cores;
  std::optional<double> usable =
      affinity ? std::optional(static_cast<double>(*affinity)) : snapshot.num_cores.value;
  std::string source = affinity ? "affinity in /proc/self/status" : snapshot.num_cores.source;
  if (quota && *quota < usable.value_or(*quota + 1)) {
    usable = quota;
    source = "cpu.max of the cgroup";
  }
  snapshot.usable_cores = usable ? known(*usable, source) : unknown<double>("no /proc/self/status");
}

}  // namespace ingot::health
