#include "runtime/tuning.hpp"

#include <cstdlib>

namespace ingot {

std::string_view tuned_family(const DeviceInfo& device) {
  const char* chosen = std::getenv("INGOT_TUNE_FOR");
  return chosen == nullptr || *chosen == 0 ? std::string_view(device.family) : chosen;
}

}  // namespace ingot
