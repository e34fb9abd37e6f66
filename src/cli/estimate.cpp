// ingot estimate
#include "planner/estimate.hpp"

#include <memory>
#include <optional>

#include "cli/command.hpp"
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
  std::string size = "10M";
  std::string shape;
  std::string dtype = "f32";
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

Json inputs_json(const Work& work) {
  Json inputs = Json::array();
  for (const Sample::Input& input : work.inputs) {
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
    return arguments.shape.empty()
               ? planner::work_of(kernel, parse_count("--size", arguments.size))
               : planner::work_of(
                     kernel, planner::parse_extents(arguments.shape), parse_dtype(arguments.dtype));
  });
  const Estimate result = planner::estimate(work, profile, planner::parse_model(arguments.model));
  if (json) {
    Json document = {{"kernel", work.kernel->id},
                     {"profile", profile.id},
                     {"model", arguments.model},
                     {"inputs", inputs_json(work)}};
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
  const planner::PipelineEstimate result = planner::estimate(pipeline,
                                                             parse_count("--size", arguments.size),
                                                             profile,
                                                             planner::parse_model(arguments.model));
  if (json) {
    Json steps = Json::array();
    for (size_t i = 0; i < result.steps.size(); ++i) {
      Json step = {{"kernel", result.steps[i].kernel->id},
                   {"inputs", inputs_json(result.steps[i])}};
      step.update(to_json(result.estimates[i]));
      steps.push_back(step);
    }
    Json document = {
        {"pipeline", pipeline.name}, {"profile", profile.id}, {"model", arguments.model}};
    document.update(to_json(result.total));
    document["steps"] = steps;
    document["left_out"] = result.left_out;
    print_json(document);
    return;
  }
  print_summary(pipeline.name, profile, result.total);
  Table table({"step", ">time", "bound", ""});
  for (size_t i = 0; i < result.steps.size(); ++i) {
    const Estimate& step = result.estimates[i];
    table.add({std::string(result.steps[i].kernel->id),
               human_time(step.seconds),
               std::string(to_string(step.bound)),
               bar(step.seconds / result.total.seconds, 20)});
  }
  fmt::print("\n{}", table.text());
  for (const std::string& step : result.left_out) {
    fmt::print("  {}: not counted, as no kernel of the catalogue does it\n", step);
  }
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
       "--model legacy divides the kernel's operations by one fixed rate, for comparison."},
      {"ingot estimate SOFTMAX_STABLE --size 10M",
       "ingot estimate matmul --shape 4096x4096x4096 --dtype f16 --profile m4-max",
       "ingot estimate vector-search --size 100M --profile h100-sxm --json",
       "ingot estimate --profiles"}};
  CLI::App& command = add_command(app, "estimate", help, common);
  command.add_option("name", arguments->name, "Kernel, words of one, or pipeline")
      ->type_name(kKernelValue);
  command.add_option("--size", arguments->size, "Elements of the largest tensor: 500k, 10M, 1G")
      ->type_name("COUNT")
      ->capture_default_str();
  command.add_option("--shape", arguments->shape, "Extents of the inputs instead: 4096x4096")
      ->type_name("SHAPE");
  command.add_option("--dtype", arguments->dtype, "Of the inputs, with --shape")
      ->capture_default_str();
  command.add_option("--profile", arguments->profile, "Device, else this machine as calibrated")
      ->type_name(kProfileValue);
  command.add_option("--model", arguments->model, "How time is estimated")
      ->type_name("roofline|legacy")
      ->capture_default_str();
  command.add_flag("--profiles", arguments->profiles, "List the device profiles");
  command.callback([arguments, &common] { estimate(*arguments, common.json); });
}

}  // namespace ingot::cli
