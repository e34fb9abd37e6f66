#include <algorithm>

#include "fmt/format.h"

#include "planner/estimate.hpp"

namespace ingot::planner {
namespace {

// What is known of a piece of work, and where from.
struct Known {
  std::string_view name;
  double items;
  std::string items_source;
  double data_bytes;
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
  take("item_count", description.item_count, std::max(1.0, known.items), known.items_source);
  take("data_size_gb",
       description.data_size_gb,
       known.data_bytes / 1e9,
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
  return fill({.name = work.kernel->id,
               .items = work.items,
               .items_source = fmt::format("elements of {}'s output", work.kernel->id),
               .data_bytes = work.cost.bytes(),
               .estimate = estimate(work, profile)},
              profile,
              machine,
              given);
}

Workload workload_from(const PipelineRecord& pipeline,
                       const Sample& run,
                       const DeviceProfile& profile,
                       const LocalMachine& machine,
                       const WorkloadDescription& given) {
  const PipelineEstimate whole = estimate(pipeline, run, profile);
  return fill({.name = pipeline.name,
               .items = whole.work.items,
               .items_source = fmt::format("{} of {}", whole.work.item, pipeline.name),
               .data_bytes = whole.work.data_bytes,
               .estimate = whole.total},
              profile,
              machine,
              given);
}

}  // namespace ingot::planner
