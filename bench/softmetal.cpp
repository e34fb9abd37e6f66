// How fast softmetal runs kernels, beside the same loops in C++ on as many cores, and under all
// checks; and how long shaders take to compile. Prints bench/results/softmetal.md.
//
//   softmetal_bench [SECONDS [ROW]]    at least so long for each figure, 1 by default; only the
//                                      kernels whose row's name contains ROW
#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <softmetal/checks.hpp>
#include <string>
#include <vector>

#include "fmt/chrono.h"
#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/parallel.hpp"
#include "msl/source.hpp"

namespace {

using softmetal::CheckSet;
using softmetal::ScopedOptions;

NS::String* text(const std::string& value) {
  return NS::String::string(value.c_str(), NS::UTF8StringEncoding);
}

[[noreturn]] void fail(const NS::Error* error) {
  throw ingot::Error(
      ingot::ErrorCode::kDevice, "softmetal_bench", error->localizedDescription()->utf8String());
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

softmetal::Options options_with(CheckSet checks) {
  softmetal::Options options;
  options.checks = checks;
  return options;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median of the runs that fit into `budget` seconds, at least three, after one to warm up.
double median_seconds(double budget, const std::function<void()>& work) {
  work();
  std::vector<double> runs;
  for (double spent = 0; runs.size() < 3 || spent < budget; spent += runs.back()) {
    runs.push_back(seconds_of(work));
  }
  std::ranges::nth_element(runs, runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2));
  return runs[runs.size() / 2];
}

class Device {
 public:
  NS::SharedPtr<MTL::ComputePipelineState> compile(const std::string& source,
                                                   const std::string& name) const {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    NS::Error* error = nullptr;
    const auto library = NS::TransferPtr(device_->newLibrary(text(source), nullptr, &error));
    if (!library) {
      fail(error);
    }
    const auto function = NS::TransferPtr(library->newFunction(text(name)));
    auto pipeline = NS::TransferPtr(device_->newComputePipelineState(function.get(), &error));
    if (!pipeline) {
      fail(error);
    }
    return pipeline;
  }

  NS::SharedPtr<MTL::Buffer> buffer(const std::vector<float>& values) const {
    return NS::TransferPtr(device_->newBuffer(
        values.data(), values.size() * sizeof(float), MTL::ResourceStorageModeShared));
  }

  // Buffers from index 0 on, `bytes` (four of them) behind them.
  void run(MTL::ComputePipelineState* pipeline,
           const std::vector<MTL::Buffer*>& buffers,
           const void* bytes,
           MTL::Size grid,
           MTL::Size group) const {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(pipeline);
    for (NS::UInteger i = 0; i < buffers.size(); ++i) {
      encoder->setBuffer(buffers[i], 0, i);
    }
    if (bytes != nullptr) {
      encoder->setBytes(bytes, 4, buffers.size());
    }
    encoder->dispatchThreads(grid, group);
    encoder->endEncoding();
    commands->commit();
    commands->waitUntilCompleted();
    if (commands->status() != MTL::CommandBufferStatusCompleted) {
      fail(commands->error());
    }
  }

 private:
  NS::SharedPtr<NS::AutoreleasePool> pool_ = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  NS::SharedPtr<MTL::Device> device_ = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
  NS::SharedPtr<MTL::CommandQueue> queue_ = NS::TransferPtr(device_->newCommandQueue());
};

// The same as saxpy, gelu and matmul in softmetal.metal.
constexpr std::int64_t kGrain = 1 << 14;

void native_saxpy(float a, const float* x, float* y, std::int64_t n) {
  ingot::parallel_for(n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      y[i] = a * x[i] + y[i];
    }
  });
}

void native_gelu(const float* x, float* y, std::int64_t n) {
  ingot::parallel_for(n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float inner = 0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
      y[i] = 0.5f * x[i] * (1.0f + std::tanh(inner));
    }
  });
}

void native_matmul(const float* a, const float* b, float* c, std::int64_t n) {
  ingot::parallel_for(n, 1, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      for (std::int64_t x = 0; x < n; ++x) {
        float sum = 0;
        for (std::int64_t k = 0; k < n; ++k) {
          sum += a[y * n + k] * b[k * n + x];
        }
        c[y * n + x] = sum;
      }
    }
  });
}

std::string milliseconds(double seconds) {
  return fmt::format("{:.3g} ms", seconds * 1e3);
}

class Bench {
 public:
  Bench(double budget, std::string only) : budget_(budget), only_(std::move(only)) {}

  void run() {
    fmt::print(
        "# The speed of softmetal\n\n"
        "Medians, from encoding to the end of the command buffer, on {} cores. *Native* is the "
        "same loop in C++\n(`bench/softmetal.cpp`), compiled with -O3 -march=native, on as many "
        "cores.\n\n"
        "| kernel | softmetal | native | times native | all checks | times slower |\n"
        "|---|---:|---:|---:|---:|---:|\n",
        ingot::worker_count());
    saxpy();
    gelu();
    matmul();
    sums(1);
    sums(16);
    barriers();
    if (only_.empty()) {
      fmt::print("\n| compiling | fast | with checks |\n|---|---:|---:|\n");
      compiling();
    }
    fmt::print(
        "\n- Machine: {}, {} cores\n- Software: Clang {}\n- Date: {:%Y-%m-%d}\n- Command: "
        "`build/release/bench/softmetal_bench > bench/results/softmetal.md` "
        "(cmake --preset release -DINGOT_BUILD_BENCH=ON)\n",
        processor(),
        ingot::worker_count(),
        __clang_version__,
        fmt::gmtime(std::time(nullptr)));
  }

 private:
  // Prints a row; `native` may be empty.
  void row(const std::string& name,
           const std::string& kernel,
           const std::function<void(MTL::ComputePipelineState*)>& dispatch,
           const std::function<void()>& native,
           const std::function<std::string(double)>& show = milliseconds) const {
    if (name.find(only_) == std::string::npos) {
      return;
    }
    const auto pipeline = device_.compile(source_, kernel);
    const double plain = median_seconds(budget_, [&] { dispatch(pipeline.get()); });
    const double beside = native ? median_seconds(budget_, native) : 0;
    const ScopedOptions scope(options_with(CheckSet::all()));
    const double checked = median_seconds(budget_, [&] { dispatch(pipeline.get()); });
    fmt::print("| {} | {} | {} | {} | {} | {:.1f} |\n",
               name,
               show(plain),
               native ? show(beside) : "",
               native ? fmt::format("{:.2f}", plain / beside) : "",
               show(checked),
               checked / plain);
  }

  void saxpy() {
    const std::vector<float> x(kElements, 1.5f);
    std::vector<float> y(kElements, 2.0f);
    const float a = 0.25f;
    const auto in = device_.buffer(x), out = device_.buffer(y);
    row(
        "saxpy, 10M floats",
        "saxpy",
        [&](auto* p) { device_.run(p, {in.get(), out.get()}, &a, {kElements, 1, 1}, {256, 1, 1}); },
        [&] { native_saxpy(a, x.data(), y.data(), kElements); });
  }

  void gelu() {
    std::vector<float> x(kElements), y(kElements);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<float>(i % 2001) / 250.0f - 4.0f;
    }
    const auto in = device_.buffer(x), out = device_.buffer(y);
    row(
        "gelu, 10M floats",
        "gelu",
        [&](auto* p) {
          device_.run(p, {in.get(), out.get()}, nullptr, {kElements, 1, 1}, {256, 1, 1});
        },
        [&] { native_gelu(x.data(), y.data(), kElements); });
  }

  void matmul() {
    constexpr std::uint32_t kSize = 512;
    const std::vector<float> a(kSize * kSize, 0.5f), b(kSize * kSize, 0.25f);
    std::vector<float> c(kSize * kSize);
    const auto left = device_.buffer(a), right = device_.buffer(b), out = device_.buffer(c);
    row(
        "matrix product, 512 x 512, a thread an element",
        "matmul",
        [&](auto* p) {
          device_.run(
              p, {left.get(), right.get(), out.get()}, &kSize, {kSize, kSize, 1}, {16, 16, 1});
        },
        [&] { native_matmul(a.data(), b.data(), c.data(), kSize); });
  }

  // By simd_sum, a barrier, and simd_sum of what the SIMD-groups found.
  void sums(std::uint32_t each) {
    constexpr std::uint32_t kCount = 1 << 20;
    const std::uint32_t threads = kCount / each;
    const auto in = device_.buffer(std::vector<float>(kCount, 1.0f));
    const auto out = device_.buffer(std::vector<float>(threads / 256));
    row(
        fmt::format("sums of 1M floats, {} a thread", each),
        "group_sums",
        [&](auto* p) {
          device_.run(p, {in.get(), out.get()}, &each, {threads, 1, 1}, {256, 1, 1});
        },
        nullptr);
  }

  // One threadgroup, so one core; many barriers, so that nothing else counts.
  void barriers() {
    constexpr std::uint32_t kThreads = 256, kBarriers = 2000;
    const auto out = device_.buffer(std::vector<float>(kThreads));
    row(
        "a barrier, for each of 256 threads, on one core",
        "barriers",
        [&](auto* p) {
          device_.run(p, {out.get()}, &kBarriers, {kThreads, 1, 1}, {kThreads, 1, 1});
        },
        nullptr,
        [&](double seconds) {
          return fmt::format("{:.2g} ns", seconds * 1e9 / (kThreads * kBarriers));
        });
  }

  struct CompileTimes {
    double fresh = 0, cached = 0;
  };

  // A source that no cache knows is made by a constant of its own.
  CompileTimes compile_times(const std::string& source, CheckSet checks) const {
    static std::int64_t number = std::chrono::system_clock::now().time_since_epoch().count();
    const ScopedOptions scope(options_with(checks));
    std::vector<double> fresh, cached;
    for (int i = 0; i < 6; ++i) {
      const std::string own = fmt::format("{}\nconstant long number = {};\n", source, ++number);
      const auto compile = [&] { device_.compile(own, "compact_mask_count"); };
      fresh.push_back(seconds_of(compile));
      cached.push_back(seconds_of(compile));
    }
    fresh.erase(fresh.begin());  // it may have had to precompile the shim
    std::ranges::sort(fresh);
    std::ranges::sort(cached);
    return {fresh[2], cached[2]};
  }

  void compiling() const {
    const std::string root = INGOT_SOURCE;
    const std::string source = ingot::msl::flatten(
        {"compact_mask.metal", read(root + "/kernels/compaction/compact_mask.metal")},
        [&](std::string_view path, std::string_view) {
          return ingot::msl::Source{std::string(path),
                                    read(fmt::format("{}/kernels/include/{}", root, path))};
        });
    const CompileTimes plain = compile_times(source, CheckSet());
    const CompileTimes checked = compile_times(source, CheckSet::all());
    fmt::print("| a shader of {} lines | {} | {} |\n| the same from the cache | {} | {} |\n",
               std::ranges::count(source, '\n'),
               milliseconds(plain.fresh),
               milliseconds(checked.fresh),
               milliseconds(plain.cached),
               milliseconds(checked.cached));
  }

  static constexpr std::uint32_t kElements = 10'000'000;

  const double budget_;
  const std::string only_;
  const Device device_;
  const std::string source_ = read(std::string(INGOT_SOURCE) + "/bench/softmetal.metal");
};

}  // namespace

int main(int argc, char** argv) try {
  Bench(argc > 1 ? std::atof(argv[1]) : 1.0, argc > 2 ? argv[2] : "").run();
  return 0;
} catch (const ingot::Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
