// Mains or battery.
#include "health/linux/signals.hpp"

namespace ingot::health {

void read_power(const Tree& tree, Snapshot& snapshot) {
  bool mains_online = false;
  bool discharging = false;
  bool seen = false;
  snapshot.battery_pct = unknown<double>("no battery in /sys/class/power_supply");
  for (const std::string& supply : tree.entries("sys/class/power_supply", "")) {
    if (tree.text(supply + "/scope") == "Device") {
      continue;  // of a mouse or a headset
    }
    const std::string type = tree.text(supply + "/type").value_or("");
    if (type == "Battery") {
      const std::string status = tree.text(supply + "/status").value_or("Unknown");
      discharging = discharging || status == "Discharging";
      seen = seen || status != "Unknown";
      const auto capacity = tree.number(supply + "/capacity");
      if (capacity && *capacity >= 0 && *capacity <= 100) {
        snapshot.battery_pct = known(*capacity, "/" + supply + "/capacity");
      }
    } else if (const auto online = tree.number(supply + "/online")) {  // Mains, USB, ...
      mains_online = mains_online || *online > 0;
      seen = seen || type == "Mains";
    }
  }
  // A weak charger is online while the battery drains: that is mains all the same.
  if (mains_online || (seen && !discharging)) {
    snapshot.power_source = known(PowerSource::kAc, "/sys/class/power_supply");
  } else if (discharging) {
    snapshot.power_source = known(PowerSource::kBattery, "/sys/class/power_supply");
  } else {
    snapshot.power_source = unknown<PowerSource>("no mains or battery in /sys/class/power_supply");
  }
}

}  // namespace ingot::health
