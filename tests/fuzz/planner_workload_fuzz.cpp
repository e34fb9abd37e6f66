// Any bytes given to the workload parser end in a workload whose quantities are finite, or in an
// ingot::Error.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingot/error.hpp"

#include "planner/workload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::planner;
  const LocalMachine machine = {24, 1e12, 1e11, "", ""};
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Workload w = complete(parse_workload(text, "fuzz"), machine);
    for (const double quantity : {w.machine_ram_gb,
                                  w.data_size_gb,
                                  w.item_count,
                                  w.flops_per_item,
                                  w.local_rate,
                                  w.local_time_hours}) {
      if (!std::isfinite(quantity) || quantity < 0) {
        std::abort();
      }
    }
  } catch (const ingot::Error&) {
  }
  return 0;
}
