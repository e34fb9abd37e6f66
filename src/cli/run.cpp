// ingot run
#include "runtime/run.hpp"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>

#include "cli/arguments.hpp"
#include "fmt/format.h"

#include "ingot/tensor.hpp"

#include "catalogue/catalogue.hpp"
#include "core/npy.hpp"
#include "core/text.hpp"
#include "program/arrays.hpp"
#include "program/terminal.hpp"
#include "runtime/measure.hpp"
#include "runtime/throughput.hpp"

namespace ingot::cli {
namespace {

struct Arguments {
  std::string id;
  std::string device = "auto";
  std::vector<std::string> in, param, out;
};

// An input: a file, or random numbers to try a kernel with.
struct Source {
  std::string_view name;
  std::string path;
  std::optional<DType> dtype;  // to read a file as, or of random numbers
  std::optional<Shape> random;
};

// "NAME=FILE", "NAME:DTYPE=FILE" or "NAME=random:DTYPE:2x3".
std::vector<Source> parse_inputs(const KernelRecord& record,
                                 const std::vector<std::string>& texts) {
  constexpr std::string_view kRandom = "random:";
  std::vector<Source> sources;
  std::vector<const ArgSpec*> given;
  for (const std::string& text : texts) {
    const auto [target, value] = parse_assignment("--in", text);
    const std::vector<std::string_view> parts = split_words(target, ":");
    Source source{find_spec("--in", record.inputs, parts.front(), given).name,
                  std::string(value),
                  std::nullopt,
                  std::nullopt};
    if (parts.size() > 1) {
      source.dtype = from_usage([&] { return parse_dtype(parts[1]); });
    }
    if (value.starts_with(kRandom)) {
      const std::vector<std::string_view> words = split_words(value.substr(kRandom.size()), ":");
      std::vector<int64_t> extents;
      if (words.empty() || words.size() > 2) {
        throw UsageError(
            "--in", fmt::format("'{}' is not random:DTYPE:SHAPE", value), "random:f32:1000x64");
      }
      for (const std::string_view extent :
           split_words(words.size() == 2 ? words[1] : std::string_view(), "x")) {
        extents.push_back(parse_count("--in", extent));
      }
      source.dtype = from_usage([&] { return parse_dtype(words[0]); });
      source.random = from_usage([&] { return Shape(extents); });
    }
    sources.push_back(std::move(source));
  }
  for (const ArgSpec& spec : record.inputs) {
    if (!spec.optional && std::find(given.begin(), given.end(), &spec) == given.end()) {
      throw UsageError("--in",
                       fmt::format("the input '{}' is missing: {}", spec.name, spec.summary),
                       fmt::format("--in {}=FILE", spec.name));
    }
  }
  return sources;
}

struct Destination {
  Destination(const ArgSpec* output, const std::string& path) : spec(output), file(path) {}
  const ArgSpec* spec;
  OutputFile file;
};

// Opens all files before anything is computed.
std::list<Destination> open_outputs(const KernelRecord& record,
                                    const std::vector<std::string>& texts) {
  std::vector<std::pair<const ArgSpec*, std::string>> names;
  std::vector<const ArgSpec*> given;
  for (const std::string& text : texts) {
    const auto [name, path] = parse_assignment("--out", text);
    for (const auto& [spec, other] : names) {
      if (other == path) {
        throw UsageError("--out", fmt::format("'{}' is given for two outputs", path));
      }
    }
    names.emplace_back(&find_spec("--out", record.outputs, name, given), path);
  }
  std::list<Destination> destinations;
  for (const auto& [spec, path] : names) {
    destinations.emplace_back(spec, path);
  }
  return destinations;
}

std::vector<NamedTensor> load_inputs(const Backend& backend, const std::vector<Source>& sources) {
  std::vector<NamedTensor> inputs;
  for (const Source& source : sources) {
    const HostArray array = source.random
                                ? random_array(*source.dtype, *source.random, inputs.size())
                                : read_npy(source.path, source.dtype);
    inputs.push_back(
        {source.name,
         backend.import_host(array.data(), array.dtype(), array.shape(), array.owner())});
  }
  return inputs;
}

void run_kernel(const Arguments& arguments, bool json) {
  const KernelRecord& record = from_usage([&]() -> auto& { return find_kernel(arguments.id); });
  const DeviceChoice device = from_usage([&] { return parse_device(arguments.device); });
  const std::vector<Source> sources = parse_inputs(record, arguments.in);
  const std::vector<NamedValue> params = parse_params(record.id, record.params, arguments.param);
  require_params(record.params, params);
  std::list<Destination> destinations = open_outputs(record, arguments.out);

  const Backend backend = open_backend(device);
  const std::vector<NamedTensor> inputs = load_inputs(backend, sources);
  std::optional<Results> results;
  bool device_time = false;  // the device's own clock leaves out compiling the shader
  const double seconds =
      time_on(backend, [&] { results = run(backend, record, inputs, params); }, device_time);

  for (Destination& destination : destinations) {
    write_npy(destination.file, to_host(results->fetch(destination.spec->name)));
  }
  for (Destination& destination : destinations) {
    destination.file.commit();
  }

  Table table({"output", "dtype", "shape", "", "first elements"});
  Json outputs = Json::array();
  for (const ArgSpec& spec : record.outputs) {
    const Tensor tensor = results->fetch(spec.name);
    const auto file = std::find_if(destinations.begin(),
                                   destinations.end(),
                                   [&](const Destination& d) { return d.spec == &spec; });
    const std::string path = file == destinations.end() ? "" : file->file.path();
    const HostArray array = to_host(tensor);
    table.add({std::string(spec.name),
               std::string(to_string(tensor.dtype())),
               to_string(tensor.shape()),
               path,
               preview(array)});
    outputs.push_back({{"name", spec.name},
                       {"dtype", to_string(tensor.dtype())},
                       {"shape", tensor.shape().extents()},
                       {"file", path.empty() ? Json() : Json(path)},
                       {"first_elements", first_elements_json(array)}});
  }
  if (json) {
    print_json({{"kernel", record.id},
                {"device", backend.name()},
                {"device_name", backend.device_name()},
                {"notice", backend.notice()},
                {"seconds", seconds},
                {"clock", device_time ? "device" : "wall"},
                {"served_by", results->served_by()},
                {"outputs", outputs}});
    return;
  }
  fmt::print("{} on {} ({}) in {}, served by {}\n{}",
             strong(record.id),
             backend.name(),
             backend.device_name(),
             human_time(seconds),
             results->served_by(),
             table.text());
}

}  // namespace

void add_run(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Run one kernel on .npy files",
      {"The names of inputs, parameters and outputs are those of 'ingot kernels show KERNEL'.",
       "--in NAME:DTYPE=FILE reads a file of f64 as f32 (rounded to nearest), or one of NumPy's "
       "V2\n"
       "as bf16. --in NAME=random:DTYPE:2x3 takes pseudo-random numbers instead of a file."},
      {"ingot run REDUCE_SUM --in x=random:f32:1000000",
       "ingot run TOPK_SELECT --device cpu --in x=x.npy --param k=10 --out values=top.npy",
       "ingot run MAP_GELU --in x:f32=doubles.npy --out y=y.npy"}};
  CLI::App& command = add_command(app, "run", help, common);
  command.add_option("id", arguments->id, "Kernel")->required()->type_name(kKernelValue);
  command.add_option("--device", arguments->device, kDeviceHelp)
      ->type_name(kDeviceValue)
      ->capture_default_str();
  add_repeated(command, "--in", arguments->in, "Input; repeat it for each")->type_name("NAME=FILE");
  add_repeated(command, "--param", arguments->param, "Parameter; repeat it for each")
      ->type_name("NAME=VALUE");
  add_repeated(command, "--out", arguments->out, "File for an output; others are not written")
      ->type_name("NAME=FILE");
  command.callback([arguments, &common] { run_kernel(*arguments, common.json); });
}

}  // namespace ingot::cli
