// Tuning is data: an algorithm's policy is a struct of numbers, and a family of devices on which
// other numbers were measured to be better has an entry beside it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ingot/device_info.hpp"

namespace ingot {

template <class Policy>
struct Tuned {
  std::string_view family;  // as DeviceInfo::family
  Policy policy;
  std::string_view measured;  // on what, when, and what the choice brought
};

/// The family whose policies a device takes: its own, or the one that the environment variable
/// INGOT_TUNE_FOR names, so that a family's policies can be tested where there is none of it.
std::string_view tuned_family(const DeviceInfo& device);

/// When a library of the device serves in place of a kernel.
enum class ProviderUse : uint8_t { kNever, kMeasured, kAlways };

/// What the environment variable INGOT_PROVIDERS says: off; measured, as by default: where the
/// device's policy says that it is faster; always: wherever it can. Throws Error(kInvalidArgument)
/// for another word.
ProviderUse provider_use();

/// The policy measured for the device's family, or `safe`, which every device can run.
template <class Policy, size_t N>
const Policy& policy_for(const DeviceInfo& device,
                         const std::array<Tuned<Policy>, N>& tuned,
                         const Policy& safe) {
  const std::string_view family = tuned_family(device);
  for (const Tuned<Policy>& entry : tuned) {
    if (entry.family == family) {
      return entry.policy;
    }
  }
  return safe;
}

}  // namespace ingot
