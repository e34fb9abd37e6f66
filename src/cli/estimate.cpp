// ingot estimate
#include "planner/estimate.hpp"

#include <memory>
#include <optional>

#include "cli/arguments.hpp"
#include "fmt/format.h"

#include "planner/machine.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using planner::DeviceProfile;
using planner::Estimate;
using planner::Work;

struct Arguments {
  std::string name;
  Described described;
  std::string profile;
  std::string model = "roofline";
  bool profiles = false;
};

Json to_json(const Estimate& estimate) {
  return {{"seconds", estimate.seconds},
          {"bytes", estimate.bytes},
          {"flops", estimate.flops},
          {"bytes_per_second", estimate.bytes_per_second()},
          {"flops_per_second", estimate.flops_per_second()},
          {"bound", to_string(estimate.bound)},
          {"efficiency", estimate.efficiency},
          {"efficiency_source", estimate.efficiency_source},
          {"advice", estimate.advice}};
}

Json inputs_json(const std::vector<Sample::Input>& list) {
  Json inputs = Json::array();
  for (const Sample::Input& input : list) {
    inputs.push_back({{"name", input.name},
                      {"dtype", to_string(input.dtype)},
                      {"shape", input.shape.extents()}});
  }
  return inputs;
}

void list_profiles(bool json) {
  if (json) {
    Json entries = Json::array();
    for (const DeviceProfile& profile : planner::profiles()) {
      const auto figure = [](const planner::Figure& f) {
        return Json{{"value", f.value}, {"source", f.source}, {"assumed", f.assumed}};
      };
      entries.push_back({{"id", profile.id},
                         {"name", profile.name},
                         {"kind", profile.kind},
                         {"cores", profile.cores},
                         {"memory_gb", profile.memory_gb},
                         {"bandwidth", figure(profile.bandwidth)},
                         {"f32_flops", figure(profile.f32_flops)},
                         {"f16_multiplier", figure(profile.f16_multiplier)},
                         {"bf16_multiplier", figure(profile.bf16_multiplier)},
                         {"i8_multiplier", figure(profile.i8_multiplier)},
                         {"copy_reach", figure(profile.copy_reach)},
                         {"launch_seconds", figure(profile.launch_seconds)}});
    }
    print_json({{"profiles", entries}});
    return;
  }
  Table table({"profile", "device", ">bandwidth", ">f32", ""});
  for (const DeviceProfile& profile : planner::profiles()) {
    table.add({profile.id,
               profile.name,
               human_rate(profile.bandwidth.value, "B"),
               human_rate(profile.f32_flops.value, "FLOP"),
               faint(profile.f32_flops.assumed ? "f32 rate assumed" : "")});
  }
  fmt::print("{}", table.text());
}

// The profile asked for; without one, this machine's calibration.
DeviceProfile chosen_profile(const std::string& id) {
  if (!id.empty()) {
    return from_usage([&] { return planner::find_profile(id); });
  }
  if (auto calibrated = planner::calibrated_profile(planner::calibration_directory())) {
    return *calibrated;
  }
  throw Error(ErrorCode::kNotFound,
              "profile",
              "this machine is not calibrated",
              "run 'ingot calibrate' first, or name another machine with --profile m4-max");
}

void print_advice(const Estimate& estimate) {
  if (!estimate.advice.empty()) {
    fmt::print("\n{}\n", strong("What would help"));
    for (const std::string& advice : estimate.advice) {
      fmt::print("  - {}\n", advice);
    }
  }
}

void print_summary(std::string_view name, const DeviceProfile& profile, const Estimate& estimate) {
  fmt::print("{} on {} ({})\n", strong(name), profile.name, profile.id);
  Table table({"", ">", ""});
  table.add({"time", human_time(estimate.seconds), ""});
  table.add({"memory", human_rate(estimate.bytes_per_second(), "B"), human_bytes(estimate.bytes)});
  if (estimate.flops > 0) {
    table.add({"arithmetic", human_rate(estimate.flops_per_second(), "FLOP"), ""});
  }
  table.add({"bound", std::string(to_string(estimate.bound)), ""});
  table.add({"of roofline",
             fmt::format("{:.0f} %", 100 * estimate.efficiency),
             faint(estimate.efficiency_source)});
  fmt::print("{}", table.text());
}

void estimate_kernel(const Arguments& arguments, const DeviceProfile& profile, bool json) {
  const Work work = from_usage([&] {
    const KernelRecord& kernel = planner::find_operation(arguments.name);
    return planner::work_of(kernel, sample_of(kernel, arguments.described));
  });
  const Estimate result = planner::estimate(work, profile, planner::parse_model(arguments.model));
  if (json) {
    Json document = {{"kernel", work.kernel->id},
                     {"profile", profile.id},
                     {"model", arguments.model},
                     {"inputs", inputs_json(work.inputs)}};
    document.update(to_json(result));
    print_json(document);
    return;
  }
  print_summary(work.kernel->id, profile, result);
  print_advice(result);
}

void estimate_pipeline(const PipelineRecord& pipeline,
                       const Arguments& arguments,
                       const DeviceProfile& profile,
                       bool json) {
  const planner::Model model = planner::parse_model(arguments.model);
  Sample run;
  const planner::PipelineEstimate result = from_usage([&] {
    run = sample_of(pipeline, arguments.described);
    return planner::estimate(pipeline, run, profile, model);
  });
  if (json) {
    Json steps = Json::array();
    for (const planner::StepEstimate& one : result.steps) {
      Json step = {{"step", one.step},
                   {"kernel", one.kernel->id},
                   {"calls", one.calls},
                   {"inputs", inputs_json(one.inputs)}};
      step.update(to_json(one.estimate));
      steps.push_back(step);
    }
    Json document = {{"pipeline", pipeline.name},
                     {"profile", profile.id},
                     {"model", arguments.model},
                     {"inputs", inputs_json(run.inputs)}};
    document.update(to_json(result.total));
    document["steps"] = steps;
    print_json(document);
    return;
  }
  print_summary(pipeline.name, profile, result.total);
  for (const Sample::Input& input : run.inputs) {
    fmt::print("{} {} {}\n", input.name, to_string(input.dtype), to_string(input.shape));
  }
  Table table({"step", "kernel", ">calls", ">time", "bound", ""});
  for (const planner::StepEstimate& step : result.steps) {
    table.add({std::string(step.step),
               std::string(step.kernel->id),
               fmt::format("{:.0f}", step.calls),
               human_time(step.estimate.seconds),
               std::string(to_string(step.estimate.bound)),
               bar(step.estimate.seconds / result.total.seconds, 20)});
  }
  fmt::print("\n{}", table.text());
  print_advice(result.total);
}

void estimate(const Arguments& arguments, bool json) {
  if (arguments.profiles) {
    list_profiles(json);
    return;
  }
  if (arguments.name.empty()) {
    throw UsageError(
        "estimate", "a kernel or pipeline is missing", "'ingot kernels list' prints the kernels");
  }
  from_usage([&] { return planner::parse_model(arguments.model); });
  for (const PipelineRecord* pipeline : pipelines()) {
    if (pipeline->name == arguments.name) {
      estimate_pipeline(*pipeline, arguments, chosen_profile(arguments.profile), json);
      return;
    }
  }
  estimate_kernel(arguments, chosen_profile(arguments.profile), json);
}

}  // namespace

void add_estimate(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "How long a kernel or pipeline takes on a device, what bounds it and what would help",
      {"Time is the cost of a call, and then the slower of memory and arithmetic, over the part "
       "of\n"
       "it that the kernel reached when this machine was calibrated. On profiles of other "
       "machines\n"
       "it is the roofline itself: the least time possible.",
       "A pipeline is the calls that its steps make for these shapes and parameters; --shape "
       "gives\n"
       "the names in its inputs' shapes: for vector-search n x d x q, the rows of the database,\n"
       "their elements and the queries.",
       "--model legacy divides the kernel's operations by one fixed rate, for comparison."},
      {"ingot estimate SOFTMAX_STABLE --size 10M",
       "ingot estimate matmul --shape 4096x4096x4096 --dtype f16 --profile m4-max",
       "ingot estimate vector-search --shape 1000000x128x1000 --param k=10 --profile h100-sxm",
       "ingot estimate --profiles"}};
  CLI::App& command = add_command(app, "estimate", help, common);
  command.add_option("name", arguments->name, "Kernel, words of one, or pipeline")
      ->type_name(kKernelValue);
  add_described(command, arguments->described);
  command.add_option("--profile", arguments->profile, "Device, else this machine as calibrated")
      ->type_name(kProfileValue);
  command.add_option("--model", arguments->model, "How time is estimated")
      ->type_name("roofline|legacy")
      ->capture_default_str();
  command.add_flag("--profiles", arguments->profiles, "List the device profiles");
  command.callback([arguments, &common] { estimate(*arguments, common.json); });
}

}  // namespace ingot::cli
