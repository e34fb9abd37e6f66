// How long a kernel or pipeline takes on a device, and what bounds it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/profiles.hpp"
#include "planner/work.hpp"

namespace ingot::planner {

enum class Model : uint8_t {
  kRoofline,  // launch cost, then the slower of memory and arithmetic, over the kernel's efficiency
  kLegacy,    // operations over one fixed rate for each kernel, whatever the device and the size
};

/// "roofline", "legacy". Throws Error(kInvalidArgument).
Model parse_model(std::string_view text);

enum class Bound : uint8_t { kLaunch, kMemory, kCompute };
std::string_view to_string(Bound bound);

struct Estimate {
  double seconds = 0;
  double bytes = 0;
  double flops = 0;
  Bound bound = Bound::kMemory;
  double efficiency = 1;  // of the kernel on the device, 0 to 1; may exceed 1 in caches
  std::string
      efficiency_source;  // "measured", "median of its domain", "not measured: the roofline"
  std::vector<std::string> advice;  // what would make it faster, with the time it would take

  double bytes_per_second() const { return seconds > 0 ? bytes / seconds : 0; }
  double flops_per_second() const { return seconds > 0 ? flops / seconds : 0; }
};

/// The time of one call. Throws Error(kUnsupported) for the legacy model of a kernel without a
/// figure.
Estimate estimate(const Work& work, const DeviceProfile& profile, Model model = Model::kRoofline);

/// What one step of a pipeline does by one kernel.
struct StepEstimate {
  std::string_view step;
  const KernelRecord* kernel;
  double calls = 0;
  std::vector<Sample::Input> inputs;  // of the largest of the calls
  Estimate estimate;                  // of all of them; its bound is that of the largest
};

/// A run of a pipeline: its steps, one after the other.
struct PipelineEstimate {
  std::vector<StepEstimate> steps;
  Estimate total;
  PipelineWork work;
};

/// The time of a run with inputs of these shapes, and these parameters. Throws
/// Error(kInvalidArgument) as the run does.
PipelineEstimate estimate(const PipelineRecord& pipeline,
                          const Sample& run,
                          const DeviceProfile& profile,
                          Model model = Model::kRoofline);

/// The efficiency of a kernel on a calibrated device: its own, else the median of its domain, else
/// 1; `source` says which.
double efficiency_of(const KernelRecord& kernel, const DeviceProfile& profile, std::string& source);

/// A kernel call, or a pipeline, as a workload for the router: its items, bytes, operations and
/// estimated time, in place of what `given` leaves out. `assumptions` of the workload say so.
/// `machine` completes the rest.
Workload workload_from(const Work& work,
                       const DeviceProfile& profile,
                       const LocalMachine& machine,
                       const WorkloadDescription& given);
Workload workload_from(const PipelineRecord& pipeline,
                       const Sample& run,
                       const DeviceProfile& profile,
                       const LocalMachine& machine,
                       const WorkloadDescription& given);

}  // namespace ingot::planner
