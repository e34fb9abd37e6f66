// Where a workload should run, why, how long it takes and what it costs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/prices.hpp"
#include "planner/states.hpp"
#include "planner/workload.hpp"

namespace ingot::planner {

/// One transition of the state machine.
struct Step {
  std::string_view state;      // "S0"
  std::string_view predicate;  // the branch that held
  std::string facts;           // "data_size_gb = 30, machine_ram_gb = 24"
  std::string_view to;
};

/// Machines to rent for a workload.
struct CloudPlan {
  std::string provider;
  std::string instance;
  int count = 1;
  double hours = 0;
  double usd = 0;
  Price price;  // the one it was made with
};

struct Alternative {
  const Terminal* terminal;
  std::string_view why;
  double hours = 0;
  double usd = 0;  // 0: on the user's machine
};

/// The answer of the router.
struct Placement {
  const Terminal* terminal = nullptr;
  std::vector<Step> path;
  double local_hours = 0;
  std::optional<CloudPlan> cloud;
  std::string tell;  // the terminal's text with the figures; may be empty
  std::vector<std::string> warnings;
  std::vector<Alternative> alternatives;
  std::vector<Assumption> assumptions;
  Date prices_as_of{};  // of the oldest price that the answer used
};

/// How much faster a rented GPU is than the machine at hand; see Router.
struct Speed {
  double flops_per_second = 0;
  double bytes_per_second = 0;
};

/// Routes workloads with one list of prices. Making it looks the prices up; route() is a pure
/// function of the workload, and safe to call from several threads.
class Router {
 public:
  /// `local` is the machine at hand, for the time on rented GPUs: the local time, scaled by the
  /// ratio of the rooflines (the documents' formula is used for droplets: one is as fast as this
  /// machine). Throws Error(kNotFound) when a price that the terminals need is missing.
  Router(PriceList prices, const LocalMachine& local, Date today);

  Placement route(const Workload& workload) const;

 private:
  struct Offer {
    const Price* price = nullptr;  // null: chosen by the size of the data
    Speed speed;                   // of one instance; zero: as the local machine
  };

  CloudPlan plan(const Terminal& terminal, const Workload& workload) const;
  const Price& droplet_for(const Rental& rental, double data_size_gb) const;
  void warn_of_stale(const Price& price, Placement& placement) const;
  void add_alternatives(const Situation& situation, Placement& placement) const;
  void finish(const Situation& situation, Placement& placement) const;

  PriceList prices_;
  LocalMachine local_;
  Date today_;
  std::vector<Offer> offers_;  // by terminal
};

/// The answer as a document, on one line: terminal, name, path, reasons, local_hours, cloud
/// {provider, instance, count, hours, usd} or null, warnings, alternatives, assumptions,
/// prices_as_of.
std::string json_text(const Placement& placement);
Json to_json(const Placement& placement);

/// The reasons, one for each step: "S0: data_size_gb > machine_ram_gb * 0.70 (...)".
std::vector<std::string> reasons(const Placement& placement);

}  // namespace ingot::planner
