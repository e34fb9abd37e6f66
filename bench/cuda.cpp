// What a launch costs on an NVIDIA GPU: the first of each kernel that is in the cache on disk, in a
// process of its own, and each of a chain of small kernels, called one by one, put into an encoder,
// and captured. Prints a table.
//
//   cuda_bench [--json FILE] [--repeats N]    N processes for each kernel, 3 by default
//
// Kernels that are not in the cache yet are compiled first, which is not measured.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "fmt/chrono.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "ingot/capture.hpp"
#include "ingot/ops.hpp"

#include "catalogue/catalogue.hpp"
#include "core/output_file.hpp"
#include "core/process.hpp"
#include "runtime/context.hpp"
#include "runtime/measure.hpp"
#include "runtime/run.hpp"
#include "runtime/stream.hpp"

namespace {

using Json = nlohmann::ordered_json;

constexpr int kChain = 1000;
constexpr int64_t kElements = 1024;
constexpr const char* kFirstLaunch = "--first-launch";

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// In a process of its own. Prints milliseconds.
void first_launch(const std::string& id) {
  const ingot::KernelRecord& record = ingot::find_kernel(id);
  const auto process_begin = std::chrono::steady_clock::now();
  const ingot::Backend backend = ingot::init_backend(ingot::BackendPreference::kCuda);
  const std::chrono::duration<double> context = std::chrono::steady_clock::now() - process_begin;
  const ingot::Sample sample = record.sample(kElements);
  std::vector<ingot::NamedTensor> inputs;
  for (const ingot::Sample::Input& input : sample.inputs) {
    const ingot::HostArray array = ingot::random_array(input.dtype, input.shape, inputs.size());
    inputs.push_back(
        {input.name,
         backend.copy_from_host(array.data(), array.bytes(), input.dtype, input.shape)});
  }
  const auto launch = [&] {
    ingot::run(backend, record, inputs, sample.params);
    backend.synchronize();
  };
  const double first = seconds_of(launch);
  const double second = seconds_of(launch);
  fmt::print("{}\n",
             Json{{"context_ms", context.count() * 1e3},
                  {"first_ms", first * 1e3},
                  {"second_ms", second * 1e3}}
                 .dump());
}

Json measured_in_a_process(const std::string& id) {
  const ingot::ProcessResult child = ingot::run_process({ingot::program_path(), kFirstLaunch, id},
                                                        {.timeout = std::chrono::minutes(5)});
  if (child.exit_code != 0) {
    throw ingot::Error(ingot::ErrorCode::kDevice, id, child.errors + child.output);
  }
  return Json::parse(child.output);
}

// Of `repeats` processes the median of each figure.
Json first_launches(const std::string& id, int repeats) {
  measured_in_a_process(id);  // fills the cache
  std::vector<Json> runs;
  for (int i = 0; i < repeats; ++i) {
    runs.push_back(measured_in_a_process(id));
  }
  Json result = {{"kernel", id}};
  for (const char* figure : {"context_ms", "first_ms", "second_ms"}) {
    std::vector<double> values;
    for (const Json& run : runs) {
      values.push_back(run[figure]);
    }
    std::sort(values.begin(), values.end());
    result[figure] = values[values.size() / 2];
  }
  return result;
}

// Microseconds for each kernel of a chain that `launch` puts on the device: until the host goes on,
// and until the device is done.
Json chain(const ingot::Backend& backend,
           const std::string& name,
           const std::function<void()>& launch) {
  constexpr ingot::Effort kEffort{0.5, 20};
  std::vector<double> on_host;
  const ingot::Timings until_done = ingot::repeat(kEffort, [&] {
    double host = 0;
    const double total = seconds_of([&] {
      host = seconds_of(launch);
      backend.synchronize();
    });
    on_host.push_back(host);
    return total;
  });
  std::sort(on_host.begin(), on_host.end());
  const double scale = 1e6 / kChain;
  return {{"chain", name},
          {"host_us", on_host[on_host.size() / 2] * scale},
          {"median_us", until_done.median * scale},
          {"fastest_us", until_done.fastest * scale},
          {"repeats", until_done.repeats}};
}

std::vector<Json> chains(const ingot::Backend& backend) {
  const ingot::Tensor one = backend.to_device(std::vector<float>(kElements, 1));
  ingot::Tensor y;
  const auto calls = [&] {
    y = one;
    for (int i = 0; i < kChain; ++i) {
      y = ingot::add(y, one);
    }
  };
  std::vector<Json> results;
  calls();
  backend.synchronize();
  results.push_back(chain(backend, "calls of add()", calls));

  const ingot::msl::Source source{"add.metal", R"(
#include <metal_stdlib>
using namespace metal;
kernel void add(device const float* a [[buffer(0)]], device const float* b [[buffer(1)]],
                device float* y [[buffer(2)]], constant uint& count [[buffer(3)]],
                uint i [[thread_position_in_grid]]) {
  if (i < count) {
    y[i] = a[i] + b[i];
  }
}
)"};
  ingot::Stream& stream = *backend.stream();
  const auto pipeline = stream.pipeline(source, "add", {});
  const ingot::Buffer sums[2] = {stream.device().allocate(kElements * sizeof(float)),
                                 stream.device().allocate(kElements * sizeof(float))};
  results.push_back(chain(backend, "dispatches of an encoder", [&] {
    stream.submit(
        [&] {
          const auto encoder = stream.device().gpu()->encoder();
          for (int i = 0; i < kChain; ++i) {
            ingot::Dispatch(*encoder, pipeline)
                .bind(sums[i % 2])
                .bind(one)
                .bind(sums[(i + 1) % 2])
                .value(static_cast<uint32_t>(kElements))
                .threads({kElements}, {256});
          }
          return encoder->commit();
        },
        {});
  }));

  const ingot::Graph graph = ingot::capture(backend, calls);
  graph.replay();
  backend.synchronize();
  results.push_back(chain(backend, "replay of captured calls", [&] { graph.replay(); }));
  const auto sum = y.to_vector<float>();
  if (sum.front() != kChain + 1 && std::getenv("INGOT_CUDA_DRIVER") == nullptr) {
    throw ingot::Error(ingot::ErrorCode::kDevice, "add", fmt::format("{} is wrong", sum.front()));
  }
  return results;
}

void measure(const std::string& json_file, int repeats) {
  Json result;
  {
    const ingot::Backend backend = ingot::init_backend(ingot::BackendPreference::kCuda);
    result["device"] = backend.device_name();
    result["fingerprint"] = backend.info().fingerprint;
    result["date"] = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
    result["chain_length"] = kChain;
    result["elements"] = kElements;
    fmt::print("{}\n\nA chain of {} additions of {} f32, µs each:\n",
               backend.device_name(),
               kChain,
               kElements);
    fmt::print("{:<28}{:>10}{:>10}{:>10}\n", "", "host", "median", "fastest");
    for (const Json& row : chains(backend)) {
      fmt::print("{:<28}{:>10.2f}{:>10.2f}{:>10.2f}\n",
                 row["chain"].get<std::string>(),
                 row["host_us"].get<double>(),
                 row["median_us"].get<double>(),
                 row["fastest_us"].get<double>());
      result["chains"].push_back(row);
    }
  }
  fmt::print(
      "\nThe first launch of a kernel of the cache, in a process of its own, ms (median of {}):\n",
      repeats);
  fmt::print("{:<28}{:>10}{:>10}{:>10}\n", "", "context", "first", "second");
  for (const ingot::KernelRecord* record : ingot::catalogue()) {
    const Json row = first_launches(std::string(record->id), repeats);
    fmt::print("{:<28}{:>10.1f}{:>10.2f}{:>10.3f}\n",
               record->id,
               row["context_ms"].get<double>(),
               row["first_ms"].get<double>(),
               row["second_ms"].get<double>());
    result["first_launches"].push_back(row);
  }
  if (!json_file.empty()) {
    const std::string text = result.dump(2) + "\n";
    ingot::OutputFile file(json_file);
    file.write(text.data(), text.size());
    file.commit();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string json_file;
  int repeats = 3;
  try {
    for (int i = 1; i < argc; i += 2) {
      const std::string option = argv[i];
      if (i + 1 == argc) {
        fmt::print(stderr, "usage: cuda_bench [--json FILE] [--repeats N]\n");
        return 2;
      }
      if (option == kFirstLaunch) {
        first_launch(argv[i + 1]);
        return 0;
      }
      if (option == "--json") {
        json_file = argv[i + 1];
      } else if (option == "--repeats") {
        repeats = std::max(1, std::atoi(argv[i + 1]));
      }
    }
    measure(json_file, repeats);
  } catch (const std::exception& error) {
    fmt::print(stderr, "cuda_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
