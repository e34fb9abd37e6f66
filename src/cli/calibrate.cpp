// ingot calibrate
#include "planner/calibrate.hpp"

#include <chrono>
#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::string device = "auto";
  double seconds = 40;
};

Json to_json(const planner::DeviceProfile& profile,
             const std::string& notice,
             const std::string& file,
             double seconds) {
  Json efficiency = Json::object();
  for (const auto& [kernel, factor] : profile.efficiency) {
    efficiency[kernel] = factor;
  }
  return {{"device", profile.id},
          {"name", profile.name},
          {"notice", notice},
          {"copy_bytes_per_second", profile.copy_bytes_per_second()},
          {"triad_bytes_per_second", profile.triad_bytes_per_second},
          {"f32_flops_per_second", profile.f32_flops.value},
          {"f16_flops_per_second", profile.f32_flops.value * profile.f16_multiplier.value},
          {"launch_seconds", profile.launch_seconds.value},
          {"efficiency", efficiency},
          {"date", planner::to_string(*profile.calibrated)},
          {"seconds", seconds},
          {"file", file}};
}

void print_profile(const planner::DeviceProfile& profile, const std::string& file, double seconds) {
  fmt::print("{} ({}), measured in {}\n", strong(profile.id), profile.name, human_time(seconds));
  Table table({"", ">"});
  table.add({"copy", human_rate(profile.copy_bytes_per_second(), "B")});
  table.add({"triad", human_rate(profile.triad_bytes_per_second, "B")});
  table.add({"f32", human_rate(profile.f32_flops.value, "FLOP")});
  table.add({"f16", human_rate(profile.f32_flops.value * profile.f16_multiplier.value, "FLOP")});
  table.add({"a call", human_time(profile.launch_seconds.value)});
  fmt::print("{}\n", table.text());
  Table kernels({"kernel", ">of its roofline", ""});
  for (const auto& [kernel, factor] : profile.efficiency) {
    kernels.add({kernel, fmt::format("{:.0f} %", 100 * factor), bar(std::min(1.0, factor), 20)});
  }
  fmt::print("{}\nStored in {}; 'ingot estimate' and 'ingot route' use it from now on.\n",
             kernels.text(),
             file);
}

void calibrate(const Arguments& arguments, bool json) {
  const DeviceChoice device = from_usage([&] { return parse_device(arguments.device); });
  const Backend backend = open_backend(device);
  const auto begin = std::chrono::steady_clock::now();
  planner::DeviceProfile profile;
  {
    ProgressBar progress;
    profile =
        planner::calibrate(backend, arguments.seconds, [&](double fraction, std::string_view what) {
          progress.show(fraction, what);
        });
  }
  const std::string file =
      planner::store_calibration(planner::calibration_directory(), profile).string();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (json) {
    print_json(to_json(profile, backend.notice(), file, seconds));
  } else {
    print_profile(profile, file, seconds);
  }
}

}  // namespace

void add_calibrate(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Measure what this machine can do, for estimates and placement",
      {"Copy, triad, f32 and f16 rate, the cost of a call, and how near each kernel comes to its\n"
       "roofline on large arrays. Kernels that the time is not enough for get the median of their\n"
       "domain. Stop other work meanwhile."},
      {"ingot calibrate", "ingot calibrate --device cpu --json"}};
  CLI::App& command = add_command(app, "calibrate", help, common);
  command.add_option("--device", arguments->device, kDeviceHelp)
      ->type_name(kDeviceValue)
      ->capture_default_str();
  command.add_option("--seconds", arguments->seconds, "Time to measure for, about")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command.callback([arguments, &common] { calibrate(*arguments, common.json); });
}

}  // namespace ingot::cli
