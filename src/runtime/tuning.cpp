#include "runtime/tuning.hpp"

#include <cstdlib>
#include <string>

#include "ingot/error.hpp"

namespace ingot {

std::string_view tuned_family(const DeviceInfo& device) {
  static const std::string chosen = [] {  // once: launches ask for it
    const char* value = std::getenv("INGOT_TUNE_FOR");
    return std::string(value == nullptr ? "" : value);
  }();
  return chosen.empty() ? device.family : chosen;
}

ProviderUse provider_use() {
  const char* chosen = std::getenv("INGOT_PROVIDERS");
  const std::string_view word = chosen == nullptr ? "" : chosen;
  if (word.empty() || word == "measured") {
    return ProviderUse::kMeasured;
  }
  if (word == "off") {
    return ProviderUse::kNever;
  }
  if (word == "always") {
    return ProviderUse::kAlways;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "INGOT_PROVIDERS",
              "'" + std::string(word) + "' is not known",
              "use off, measured or always");
}

}  // namespace ingot
