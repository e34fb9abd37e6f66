#include "catalogue/catalogue.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ingot/error.hpp"

#include "core/text.hpp"

namespace ingot {

// Defined by the file that CMake generates from kernels/*/*.metal.
std::span<const KernelRecord* const> generated_records();

std::span<const KernelRecord* const> catalogue() {
  static const std::vector<const KernelRecord*> sorted = [] {
    const auto records = generated_records();
    std::vector<const KernelRecord*> result(records.begin(), records.end());
    std::sort(result.begin(), result.end(), [](const KernelRecord* a, const KernelRecord* b) {
      return std::pair(a->domain, a->id) < std::pair(b->domain, b->id);
    });
    return result;
  }();
  return sorted;
}

const KernelRecord& find_kernel(std::string_view id) {
  const std::string wanted = upper_case(id);
  const KernelRecord* closest = nullptr;
  size_t least = SIZE_MAX;
  for (const KernelRecord* record : catalogue()) {
    const size_t distance = edit_distance(wanted, record->id);
    if (distance == 0) {
      return *record;
    }
    if (distance < least) {
      least = distance;
      closest = record;
    }
  }
  throw Error(ErrorCode::kNotFound,
              "kernel",
              "there is no kernel '" + std::string(id) + "'",
              "did you mean " + std::string(closest->id) + "? 'ingot kernels list' prints all");
}

}  // namespace ingot
