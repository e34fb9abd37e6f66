#include <algorithm>

#include "fmt/format.h"

#include "planner/estimate.hpp"

namespace ingot::planner {
namespace {

// What is known of a piece of work, and where from.
struct Known {
  std::string_view name;
  double items;
  const Estimate& estimate;
};

Workload fill(const Known& known,
              const DeviceProfile& profile,
              const LocalMachine& machine,
              WorkloadDescription description) {
  std::vector<Assumption> assumptions;
  const auto take = [&](std::string_view field, auto& into, auto value, std::string source) {
    if (!into) {
      into = value;
      assumptions.push_back({field, value, std::move(source)});
    }
  };
  const Estimate& estimate = known.estimate;
  take("item_count",
       description.item_count,
       std::max(1.0, known.items),
       fmt::format("elements of {}'s output", known.name));
  take("data_size_gb",
       description.data_size_gb,
       estimate.bytes / 1e9,
       fmt::format("inputs and outputs of {}", known.name));
  take("flops_per_item",
       description.flops_per_item,
       estimate.flops / *description.item_count,
       fmt::format("cost of {}", known.name));
  if (!description.local_rate) {
    take("local_time_hours",
         description.local_time_hours,
         estimate.seconds / 3600,
         fmt::format("estimate for {}: {}; of the roofline: {}",
                     profile.id,
                     machine.rate_source,
                     estimate.efficiency_source));
  }
  if (!description.is_sequential.value_or(false)) {
    take("is_parallel", description.is_parallel, true, "elements of an output are independent");
  }
  take("chunkable", description.chunkable, true, "kernels can run on pieces of their arrays");
  Workload workload = complete(description, machine);
  workload.assumptions.insert(workload.assumptions.begin(), assumptions.begin(), assumptions.end());
  return workload;
}

}  // namespace

Workload workload_from(const Work& work,
                       const DeviceProfile& profile,
                       const LocalMachine& machine,
                       const WorkloadDescription& given) {
  return fill({work.kernel->id, work.items, estimate(work, profile)}, profile, machine, given);
}

Workload workload_from(const PipelineRecord& pipeline,
                       int64_t elements,
                       const DeviceProfile& profile,
                       const LocalMachine& machine,
                       const WorkloadDescription& given) {
  const PipelineEstimate whole = estimate(pipeline, elements, profile);
  Workload workload =
      fill({pipeline.name, static_cast<double>(elements), whole.total}, profile, machine, given);
  for (const std::string& step : whole.left_out) {
    workload.assumptions.push_back({"left out", step, "no kernel of the catalogue does this step"});
  }
  return workload;
}

}  // namespace ingot::planner
