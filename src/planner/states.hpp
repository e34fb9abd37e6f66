// The router's state machine as tables: states with their branches, and terminals. The router, the
// diagram and the documents are made from them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/workload.hpp"

namespace ingot::planner {

/// Droplets of a fleet.
inline constexpr int kFleetSize = 15;
/// The share of a machine's memory that a workload may take.
inline constexpr double kMemoryShare = 0.70;

/// What branches look at: the workload, and what a fleet of droplets would need for it.
struct Situation {
  const Workload& workload;
  double fleet_hours = 0;
  double fleet_usd = 0;

  bool data_exceeds_memory() const {
    return workload.data_size_gb > workload.machine_ram_gb * kMemoryShare;
  }
  /// Items that are sequential inside can still be dealt out.
  bool parallel_somehow() const { return workload.is_parallel || workload.outer_parallel; }
};

/// A quantity or flag that decided, for explanations: "local_time_hours", "22.7".
struct Fact {
  std::string_view name;
  std::string (*text)(const Situation&);
};

struct Branch {
  std::string_view when;  // "data_size_gb > machine_ram_gb * 0.70"; "otherwise"
  bool (*holds)(const Situation&);
  std::string_view to;            // id of a state or terminal
  std::string_view warning = {};  // what to say when it is taken; may have {fields}
  std::vector<Fact> facts = {};
};

struct State {
  std::string_view id;    // "S0"
  std::string_view name;  // "ENTRY"
  std::string_view summary;
  /// From top to bottom; the first that holds is taken, and one always does.
  std::vector<Branch> branches;
};

/// Where a terminal runs.
enum class Place : uint8_t { kLocal, kCloud };

/// A machine to rent: a row of the price list and how many of it. Without an instance, the cheapest
/// of the provider whose name begins with `family` and whose memory holds the data.
struct Rental {
  std::string_view provider = {};
  std::string_view instance = {};
  std::string_view family = {};
  int count = 1;
  std::string_view profile = {};  // of a GPU in data/devices; empty: as fast as the local machine
  int gpus = 0;                   // of an instance
  double gpu_memory_gb = 0;       // of an instance
};

struct Terminal {
  std::string_view id;      // "T6"
  std::string_view name;    // "DO_FLEET"
  std::string_view advice;  // one line
  std::string_view tell;    // what to tell the user; may have {fields}
  std::vector<std::string_view> details;
  std::vector<std::string_view> warnings = {};  // may have {fields}
  Place place = Place::kLocal;
  Rental rental = {};
};

/// Another terminal that is worth knowing of when `from` was reached and `holds` does.
struct AlternativeRule {
  std::string_view from;
  std::string_view when;
  bool (*holds)(const Situation&);
  std::string_view to;
  std::string_view why;
};

std::span<const State> states();
std::span<const Terminal> terminals();
std::span<const AlternativeRule> alternative_rules();

/// By id. Throw Error(kInternal) for another.
const State& find_state(std::string_view id);
const Terminal& find_terminal(std::string_view id);

/// The states, terminals and branches as a Mermaid state diagram.
std::string mermaid_diagram();

}  // namespace ingot::planner
