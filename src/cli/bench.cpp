// ingot bench
#include <cmath>
#include <ctime>
#include <memory>
#include <optional>

#include "cli/command.hpp"
#include "fmt/chrono.h"
#include "fmt/format.h"

#include "ingot/tensor.hpp"

#include "catalogue/catalogue.hpp"
#include "core/output_file.hpp"
#include "planner/estimate.hpp"
#include "program/terminal.hpp"
#include "runtime/ceilings.hpp"
#include "runtime/measure.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::vector<std::string> ids;
  std::string size = "10M";
  std::string device = "auto";
  std::string output;
  double seconds = 0.3;
  int repeat = 3;
  bool estimate = false;
};

// A kernel's measurement, or why there is none.
struct Result {
  const KernelRecord* record;
  std::optional<Measurement> measurement;
  std::optional<Error> error;
  std::optional<double> estimated_seconds = {};

  bool near_estimate() const {
    return measurement && estimated_seconds &&
           std::abs(*estimated_seconds / measurement->time.fastest - 1) <= 0.25;
  }
};

double fraction_of(const Measurement& measurement, const Ceilings& ceilings) {
  return ceilings.least_seconds(measurement.cost) / measurement.time.median;
}

std::string_view bound_of(const Measurement& measurement, const Ceilings& ceilings) {
  return ceilings.memory_bound(measurement.cost) ? "memory" : "compute";
}

std::vector<const KernelRecord*> chosen(const std::vector<std::string>& ids) {
  if (ids.empty()) {
    return {catalogue().begin(), catalogue().end()};
  }
  std::vector<const KernelRecord*> records;
  for (const std::string& id : ids) {
    records.push_back(&from_usage([&]() -> auto& { return find_kernel(id); }));
  }
  return records;
}

Json to_json(const Result& result, const Ceilings& ceilings) {
  Json json = {{"id", result.record->id}};
  if (result.error) {
    json.update(json_of(*result.error));
    return json;
  }
  const Measurement& m = *result.measurement;
  Json inputs = Json::array();
  for (const Sample::Input& input : m.inputs) {
    inputs.push_back({{"name", input.name},
                      {"dtype", to_string(input.dtype)},
                      {"shape", input.shape.extents()}});
  }
  Json params = Json::object();
  for (const NamedValue& param : m.params) {
    params[std::string(param.name)] = json_of(param.value);
  }
  json.update({{"inputs", inputs},
               {"params", params},
               {"seconds", m.time.median},
               {"fastest_seconds", m.time.fastest},
               {"repeats", m.time.repeats},
               {"clock", m.device_time ? "device" : "wall"},
               {"served_by", m.served_by},
               {"bytes_read", m.cost.bytes_read},
               {"bytes_written", m.cost.bytes_written},
               {"flops", m.cost.flops},
               {"bytes_per_second", m.bytes_per_second()},
               {"flops_per_second", m.flops_per_second()},
               {"bound", bound_of(m, ceilings)},
               {"ceiling_fraction", fraction_of(m, ceilings)}});
  if (result.estimated_seconds) {
    json["estimated_seconds"] = *result.estimated_seconds;
  }
  return json;
}

Json to_json(const Backend& backend,
             const Ceilings& ceilings,
             const std::vector<Result>& results,
             int64_t elements,
             const Common& common) {
  const DeviceInfo& info = backend.info();
  Json kernels = Json::array();
  for (const Result& result : results) {
    kernels.push_back(to_json(result, ceilings));
  }
  return {{"machine",
           {{"device", backend.name()},
            {"name", info.name},
            {"notice", backend.notice()},
            {"cores", info.cores},
            {"memory_bytes", info.memory_bytes}}},
          {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
          {"command", common.command_line},
          {"version", INGOT_VERSION},
          {"compiler", INGOT_COMPILER},
          {"build", INGOT_BUILD},
          {"elements", elements},
          {"ceilings",
           {{"copy_bytes_per_second", ceilings.copy_bytes_per_second},
            {"copy_median_bytes_per_second", ceilings.copy_median_bytes_per_second},
            {"copy_array_bytes", ceilings.copy_array_bytes},
            {"flops_per_second", ceilings.flops_per_second}}},
          {"kernels", kernels}};
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

void print_results(const Backend& backend,
                   const Ceilings& ceilings,
                   const std::vector<Result>& results) {
  fmt::print("{} ({}): copies {}, computes {}\n\n",
             strong(backend.name()),
             backend.device_name(),
             human_rate(ceilings.copy_bytes_per_second, "B"),
             human_rate(ceilings.flops_per_second, "FLOP"));
  Table table(
      {"kernel", ">time", ">bandwidth", ">arithmetic", "bound", ">of ceiling", "", "served by"});
  for (const Result& result : results) {
    if (result.error) {
      table.add({std::string(result.record->id),
                 "-",
                 "-",
                 "-",
                 "-",
                 "-",
                 "",
                 first_line(result.error->what())});
      continue;
    }
    const Measurement& m = *result.measurement;
    const double fraction = fraction_of(m, ceilings);
    table.add({std::string(result.record->id),
               human_time(m.time.median),
               human_rate(m.bytes_per_second(), "B"),
               m.cost.flops > 0 ? human_rate(m.flops_per_second(), "FLOP") : "-",
               std::string(bound_of(m, ceilings)),
               fmt::format("{:.0f} %", 100 * fraction),
               bar(fraction, 20),
               m.served_by});
  }
  fmt::print("{}", table.text());
}

void print_estimates(const std::vector<Result>& results) {
  // The fastest repeat, as in the calibration: other work on the machine only ever adds time.
  Table table({"kernel", ">fastest", ">estimated", ">off by"});
  int measured = 0;
  int near = 0;
  for (const Result& result : results) {
    if (!result.measurement || !result.estimated_seconds) {
      continue;
    }
    const double seconds = result.measurement->time.fastest;
    ++measured;
    near += result.near_estimate() ? 1 : 0;
    table.add({std::string(result.record->id),
               human_time(seconds),
               human_time(*result.estimated_seconds),
               fmt::format("{:+.0f} %", 100 * (*result.estimated_seconds / seconds - 1))});
  }
  fmt::print(
      "\n{}\n{}{} of {} are within 25 %\n", strong("Estimates"), table.text(), near, measured);
}

// This device's calibration, for estimates beside the measurements.
std::optional<planner::DeviceProfile> calibration_of(const Backend& backend, bool wanted) {
  if (!wanted) {
    return {};
  }
  auto profile = planner::load_calibration(
      planner::calibration_directory(), backend.name(), backend.info().fingerprint);
  if (!profile) {
    throw Error(ErrorCode::kNotFound,
                "--estimate",
                fmt::format("the device {} is not calibrated", backend.name()),
                fmt::format("run 'ingot calibrate --device {}' first", backend.name()));
  }
  return profile;
}

void bench(const Arguments& arguments, const Common& common) {
  const std::vector<const KernelRecord*> records = chosen(arguments.ids);
  const int64_t elements = parse_count("--size", arguments.size);
  const DeviceChoice device = from_usage([&] { return parse_device(arguments.device); });
  std::unique_ptr<OutputFile> file;
  if (!arguments.output.empty()) {
    file = std::make_unique<OutputFile>(arguments.output);
  }
  const Backend backend = open_backend(device);
  const auto calibration = calibration_of(backend, arguments.estimate);

  std::vector<Result> results;
  Ceilings ceilings;
  bool failed = false;
  {
    ProgressBar progress;
    progress.show(0, "ceilings");
    ceilings = measure_ceilings(backend);
    for (const KernelRecord* record : records) {
      progress.show(static_cast<double>(results.size()) / static_cast<double>(records.size()),
                    record->id);
      Result result{record, {}, {}};
      try {
        result.measurement =
            measure_kernel(backend, *record, elements, {arguments.seconds, arguments.repeat});
        if (calibration) {
          result.estimated_seconds =
              planner::estimate(planner::work_of(*record, elements), *calibration).seconds;
        }
      } catch (const Error& error) {
        result.error = error;
        failed = true;
      }
      results.push_back(std::move(result));
      backend.trim_memory();
    }
  }
  const Json document = to_json(backend, ceilings, results, elements, common);
  if (file != nullptr) {
    const std::string text = document.dump(2) + "\n";
    file->write(text.data(), text.size());
    file->commit();
  }
  if (common.json) {
    print_json(document);
  } else {
    print_results(backend, ceilings, results);
    if (calibration) {
      print_estimates(results);
    }
  }
  if (failed) {
    throw Failed();
  }
}

}  // namespace

void add_bench(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Measure kernels, and how near they come to what the device can do",
      {"Time is the median of the repeats after a first call that is not counted. Bandwidth "
       "counts\n"
       "every byte of the inputs and outputs once.",
       "The ceilings are measured in the same run: a copy of large arrays, and multiply-adds on\n"
       "registers, by all cores. The slower of the two bounds a kernel. Arrays that fit in a "
       "cache\n"
       "can be faster than the copy."},
      {"ingot bench",
       "ingot bench REDUCE_SUM SOFTMAX_STABLE --size 1M --device cpu",
       "ingot bench --json -o bench.json"}};
  CLI::App& command = add_command(app, "bench", help, common);
  command.add_option("ids", arguments->ids, "Kernels; all when none is given")
      ->type_name(kKernelValue);
  command.add_option("--size", arguments->size, "Elements of the largest tensor: 500k, 10M, 1G")
      ->type_name("COUNT")
      ->capture_default_str();
  command.add_option("--device", arguments->device, kDeviceHelp)
      ->type_name(kDeviceValue)
      ->capture_default_str();
  command.add_option("--seconds", arguments->seconds, "Least time to repeat each kernel for")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command.add_option("--repeat", arguments->repeat, "Least number of repeats of each kernel")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command.add_flag(
      "--estimate",
      arguments->estimate,
      "Show what the device's calibration makes of each kernel, beside the measurement");
  command.add_option("-o,--output", arguments->output, "Write the JSON document to this file too")
      ->type_name("FILE");
  command.callback([arguments, &common] { bench(*arguments, common); });
}

}  // namespace ingot::cli
