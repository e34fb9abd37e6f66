#include "kernels/random/prng_philox.hpp"

#include "runtime/call.hpp"
#include "runtime/context.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace kernels {

void prng_philox_cpu(const CpuContext& cpu, const Call& call);

namespace {

// As in kernels/random/prng_philox.metal.
struct PhiloxArguments {
  uint64_t seed, offset;
  uint32_t blocks, threads;
};
constexpr uint64_t kBlocks = 4;  // as in the shader

void launch(GpuContext& gpu, const Call& call) {
  const auto n = static_cast<uint64_t>(call.integer("n"));
  if (n == 0) {
    return;
  }
  Dispatch dispatch = gpu.kernel("random/prng_philox.metal", "prng_philox_u32x4");
  const uint32_t group = dispatch.group_size(256);
  const uint64_t groups = ceil_div(n, kBlocks * uint64_t{group});
  dispatch.bind(call.out("y"))
      .value(PhiloxArguments{static_cast<uint64_t>(call.integer("seed")),
                             static_cast<uint64_t>(call.integer("offset")),
                             gpu.count32(n, "blocks"),
                             static_cast<uint32_t>(groups * group)});
  dispatch.threadgroups({groups}, {group});
}

// Ten rounds of two products, four exclusive ors and two additions a block.
Cost cost(const Call& call) {
  Cost cost = streaming_cost(call, 0);
  cost.flops = 80.0 * static_cast<double>(call.integer("n"));
  return cost;
}

}  // namespace

extern const KernelRecord prng_philox;
const KernelRecord prng_philox = {
    .id = "PRNG_PHILOX",
    .metal_function = "prng_philox_u32x4",
    .domain = "Random Number Generation",
    .summary = "random words by Philox4x32-10, four to a block",
    .formula =
        "y[i] = Philox4x32-10(counter = (offset + i mod 2^64, 0), key = seed), low words first. "
        "seed and offset are 64 bits: a negative number stands for itself + 2^64",
    .source = "Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011",
    .inputs = {},
    .params =
        {{.name = "n",
          .type = ParamType::kInteger,
          .fallback = "",
          .summary = "blocks",
          .least = 0},
         {.name = "seed", .type = ParamType::kInteger, .fallback = "0", .summary = "key, 64 bits"},
         {.name = "offset",
          .type = ParamType::kInteger,
          .fallback = "0",
          .summary = "counter of the first block, 64 bits"}},
    .outputs = {{.name = "y", .dtypes = "u32", .shape = "[n, 4]", .summary = "random words"}},
    .infer = nullptr,
    .cost = cost,
    .sample = [](int64_t elements) { return Sample{{}, {{"n", elements / 4}}}; },
    .launch = launch,
    .cpu = prng_philox_cpu,
    .legacy_gflops = 550,
};

}  // namespace kernels

Tensor philox(const Backend& backend, int64_t n, const PhiloxOptions& options) {
  return run(backend,
             kernels::prng_philox,
             {},
             {{"n", n}, {"seed", options.seed}, {"offset", options.offset}})["y"];
}

}  // namespace ingot
