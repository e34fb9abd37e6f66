// Any bytes given to the snapshot parser end in a snapshot, which the gate decides on and which can
// be written and read back, or in an ingot::Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ingot/error.hpp"

#include "health/gate.hpp"
#include "health/snapshot_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot;
  try {
    const health::Snapshot snapshot =
        health::parse_snapshot({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    planner::WorkloadDescription workload;
    workload.data_size_gb = 10;
    workload.local_time_hours = 1;
    decide(snapshot, workload);
    const health::Json json = to_json(snapshot);
    if (to_json(health::parse_snapshot(json.dump(), "again.json")) != json) {
      std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
