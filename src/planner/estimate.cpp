#include "planner/estimate.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "catalogue/catalogue.hpp"
#include "core/text.hpp"

namespace ingot::planner {
namespace {

// Rate of arithmetic on a dtype.
double flops_of(const DeviceProfile& profile, DType dtype) {
  const double f32 = profile.f32_flops.value;
  switch (dtype) {
    case DType::kF16:
      return f32 * profile.f16_multiplier.value;
    case DType::kBF16:
      return f32 * profile.bf16_multiplier.value;
    case DType::kI8:
    case DType::kU8:
      return f32 * profile.i8_multiplier.value;
    default:
      return f32;
  }
}

double roofline_seconds(const Work& work, const DeviceProfile& profile) {
  return std::max(work.cost.bytes() / profile.copy_bytes_per_second(),
                  work.cost.flops / flops_of(profile, work.dtype));
}

std::string time_text(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.3g} us", seconds * 1e6)
         : seconds < 1  ? fmt::format("{:.3g} ms", seconds * 1e3)
                        : fmt::format("{:.3g} s", seconds);
}

// The same call on f16, where the kernel takes it.
std::optional<Work> narrowed(const Work& work) {
  const KernelRecord& kernel = *work.kernel;
  if (work.dtype != DType::kF32 || work.inputs.empty()) {
    return {};
  }
  Sample half{work.inputs, work.params};
  for (Sample::Input& input : half.inputs) {
    const auto spec = std::ranges::find(kernel.inputs, input.name, &ArgSpec::name);
    if (input.dtype == DType::kF32 &&
        (spec->dtypes.starts_with('=') || contains_word(spec->dtypes, "f16"))) {
      input.dtype = DType::kF16;
    }
  }
  if (half.inputs.front().dtype != DType::kF16) {
    return {};
  }
  return work_of(kernel, std::move(half));
}

void advise(const Work& work, const DeviceProfile& profile, Estimate& result) {
  const double launch = profile.launch_seconds.value;
  const double body = result.seconds - launch;
  if (result.bound == Bound::kLaunch) {
    result.advice.push_back(fmt::format(
        "launching takes {} of {}: put several calls into one, or give it more elements",
        time_text(launch),
        time_text(result.seconds)));
    return;
  }
  if (result.bound == Bound::kMemory) {
    result.advice.push_back(
        fmt::format("fusion with a neighbour saves the memory traffic of what is between: up to {}",
                    time_text(body)));
  } else {
    result.advice.push_back(
        fmt::format("a device with more arithmetic: this one has {:.3g} TFLOP/s",
                    flops_of(profile, work.dtype) / 1e12));
  }
  if (const auto half = narrowed(work)) {
    const double seconds = launch + roofline_seconds(*half, profile) / result.efficiency;
    if (seconds < 0.9 * result.seconds) {
      result.advice.push_back(fmt::format("f16 instead of f32: {}", time_text(seconds)));
    }
  }
  if (result.efficiency < 0.6) {
    result.advice.push_back(fmt::format(
        "the kernel itself: here it reaches {:.0f} % of the roofline", 100 * result.efficiency));
  }
}

// The entry of a step and kernel, made where it is not there yet.
StepEstimate& step_of(std::string_view name,
                      const Work& work,
                      const Estimate& one,
                      std::vector<StepEstimate>& steps) {
  const auto found = std::ranges::find_if(steps, [&](const StepEstimate& step) {
    return step.step == name && step.kernel == work.kernel;
  });
  if (found != steps.end()) {
    return *found;
  }
  Estimate none;
  none.bound = one.bound;
  none.efficiency = one.efficiency;
  none.efficiency_source = one.efficiency_source;
  steps.push_back({name, work.kernel, 0, work.inputs, none});
  return steps.back();
}

Estimate legacy(const Work& work) {
  const KernelRecord& kernel = *work.kernel;
  if (kernel.legacy_gflops <= 0) {
    throw Error(ErrorCode::kUnsupported,
                std::string(kernel.id),
                "has no figure for the legacy model",
                "use --model roofline");
  }
  // Kernels without arithmetic were rated by the elements they move.
  const double operations = work.cost.flops > 0 ? work.cost.flops : work.items;
  Estimate result;
  result.seconds = operations / (kernel.legacy_gflops * 1e9);
  result.bytes = work.cost.bytes();
  result.flops = work.cost.flops;
  result.bound = Bound::kCompute;
  result.efficiency_source = "legacy: one rate for the kernel";
  return result;
}

}  // namespace

Model parse_model(std::string_view text) {
  if (text == "roofline") {
    return Model::kRoofline;
  }
  if (text == "legacy") {
    return Model::kLegacy;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "model",
              fmt::format("there is no model '{}'", text),
              "use roofline or legacy");
}

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::kLaunch:
      return "launch";
    case Bound::kMemory:
      return "memory";
    case Bound::kCompute:
      break;
  }
  return "compute";
}

double efficiency_of(const KernelRecord& kernel,
                     const DeviceProfile& profile,
                     std::string& source) {
  if (const auto measured = profile.efficiency.find(kernel.id);
      measured != profile.efficiency.end()) {
    source = "measured";
    return measured->second;
  }
  std::vector<double> domain;
  for (const KernelRecord* record : catalogue()) {
    const auto measured = profile.efficiency.find(record->id);
    if (record->domain == kernel.domain && measured != profile.efficiency.end()) {
      domain.push_back(measured->second);
    }
  }
  if (domain.empty()) {
    source = "not measured: the roofline itself";
    return 1;
  }
  source = "median of its domain";
  const auto middle = domain.begin() + static_cast<ptrdiff_t>(domain.size() / 2);
  std::ranges::nth_element(domain, middle);
  return *middle;
}

Estimate estimate(const Work& work, const DeviceProfile& profile, Model model) {
  if (model == Model::kLegacy) {
    return legacy(work);
  }
  Estimate result;
  result.bytes = work.cost.bytes();
  result.flops = work.cost.flops;
  result.efficiency = efficiency_of(*work.kernel, profile, result.efficiency_source);
  const double body = roofline_seconds(work, profile) / result.efficiency;
  const double launch = profile.launch_seconds.value;
  result.seconds = launch + body;
  const bool memory = work.cost.bytes() / profile.copy_bytes_per_second() >=
                      work.cost.flops / flops_of(profile, work.dtype);
  result.bound = launch > body ? Bound::kLaunch : memory ? Bound::kMemory : Bound::kCompute;
  advise(work, profile, result);
  return result;
}

PipelineEstimate estimate(const PipelineRecord& pipeline,
                          const Sample& run,
                          const DeviceProfile& profile,
                          Model model) {
  PipelineEstimate result;
  result.work = pipeline.work(run, profile.kind.ends_with("gpu"));
  double ideal = 0;
  for (const StepCalls& calls : result.work.calls) {
    const Work work = work_of(find_kernel(calls.kernel), calls.call);
    const Estimate one = estimate(work, profile, model);
    StepEstimate& step = step_of(calls.step, work, one, result.steps);
    step.calls += calls.times;
    for (Estimate* sum : {&step.estimate, &result.total}) {
      sum->seconds += calls.times * one.seconds;
      sum->bytes += calls.times * one.bytes;
      sum->flops += calls.times * one.flops;
    }
    ideal += calls.times * one.efficiency * one.seconds;
  }
  if (result.steps.empty()) {
    return result;
  }
  const auto slowest = std::ranges::max_element(
      result.steps, {}, [](const StepEstimate& step) { return step.estimate.seconds; });
  result.total.bound = slowest->estimate.bound;
  result.total.efficiency = ideal / result.total.seconds;
  result.total.efficiency_source = "of each call, weighted by its time";
  result.total.advice = {fmt::format("{} by {} takes {} of {}: it is bound by {}",
                                     slowest->step,
                                     slowest->kernel->id,
                                     time_text(slowest->estimate.seconds),
                                     time_text(result.total.seconds),
                                     to_string(slowest->estimate.bound))};
  return result;
}

}  // namespace ingot::planner
