#include <algorithm>

#include "ingot/error.hpp"

#include "planner/states.hpp"

namespace ingot::planner {
namespace {

const std::vector<Terminal>& terminal_table() {
  static const std::vector<Terminal> table = {
      {.id = "T0",
       .name = "CPU_INLINE",
       .advice = "Run it on the CPU, in place: launching a GPU kernel takes longer than the work.",
       .tell = "",
       .details = {"No dispatch, no copy: a plain loop, or Ingot's CPU backend."}},
      {.id = "T1",
       .name = "LOCAL_METAL",
       .advice = "Run it on this machine with Ingot's kernels.",
       .tell = "Estimated time on this machine: {local_time_hours} h.",
       .details =
           {"ingot kernels list shows the kernels, ingot pipeline list the pipelines.",
            "Put chains of operations into one kernel: each launch reads and writes memory."}},
      {.id = "T2",
       .name = "LOCAL_CPU",
       .advice = "Run it on this machine's CPU, one core for each item.",
       .tell = "This workload is inherently sequential per item. Running on the CPU, items in "
               "parallel on all cores where they are independent. Estimated time: "
               "{local_time_hours} h.",
       .details = {"A GPU cannot shorten a chain of dependent steps."}},
      {.id = "T3",
       .name = "LAMBDA_H100",
       .advice = "Rent one 8x H100 instance at Lambda.",
       .tell =
           "Local estimate: {local_time_hours} h. Lambda 8x H100: ~{cloud_hours} h, ~${cloud_usd}. "
           "Develop and test locally first, then deploy the same code.",
       .details = {"8x H100 SXM5, 640 GB of GPU memory; the SSH user is ubuntu.",
                   "CUDA is installed; compile with -arch=sm_90.",
                   "One process for each GPU: CUDA_VISIBLE_DEVICES=0 to 7."},
       .warnings = {"ALWAYS TERMINATE the instance when done: ${usd_per_day} a day if forgotten"},
       .place = Place::kCloud,
       .rental = {.provider = "lambda",
                  .instance = "gpu_8x_h100_sxm5",
                  .profile = "h100-sxm",
                  .gpus = 8,
                  .gpu_memory_gb = 640}},
      {.id = "T4",
       .name = "AWS_MULTI_NODE",
       .advice = "Rent several 8x H100 nodes at AWS, or make the task fit one.",
       .tell = "The data exceeds the GPU memory of one instance (640 GB). This needs several nodes "
               "(p5 instances with EFA networking) or model parallelism.",
       .details = {"p5.48xlarge: 8x H100; several nodes need NCCL over EFA.",
                   "Consider whether the task can be put so that it fits a single node."},
       .warnings = {"ALWAYS TERMINATE the nodes when done: ${usd_per_day} a day if forgotten"},
       .place = Place::kCloud,
       .rental = {.provider = "aws",
                  .instance = "p5.48xlarge",
                  .profile = "h100-sxm",
                  .gpus = 8,
                  .gpu_memory_gb = 640}},
      {.id = "T5",
       .name = "DO_SINGLE",
       .advice = "Rent one DigitalOcean droplet with enough memory.",
       .tell = "The data ({data_size_gb} GB) exceeds local memory ({machine_ram_gb} GB). A single "
               "droplet with sufficient memory (~${usd_per_hour}/h) can handle this.",
       .details = {"m6-4vcpu-32gb to m6-16vcpu-128gb: the smallest that holds the data.",
                   "Upload the sources, build on the droplet."},
       .warnings =
           {"ALWAYS DESTROY the droplet when done, after checking that its results are home: "
            "${usd_per_day} a day if forgotten"},
       .place = Place::kCloud,
       .rental = {.provider = "digitalocean", .family = "m6-"}},
      {.id = "T6",
       .name = "DO_FLEET",
       .advice = "Rent a fleet of 15 DigitalOcean droplets, each with its share of the items.",
       .tell = "Local estimate: {local_time_hours} h. Fleet of 15 droplets: ~{cloud_hours} h, "
               "~${cloud_usd}. Each droplet processes an independent chunk.",
       .details = {"Shared-CPU droplets beat dedicated ones 2.8 times on cost.",
                   "Tag all droplets, so that one call destroys them: "
                   "DELETE /v2/droplets?tag_name=PROJECT.",
                   "Setup takes about 60 s of boot, a compiler, the sources and a build."},
       .warnings = {"ALWAYS VERIFY that the results are home before destroying the droplets, and "
                    "then destroy them all: ${usd_per_day} a day if forgotten"},
       .place = Place::kCloud,
       .rental = {.provider = "digitalocean", .instance = "s-8vcpu-16gb-amd", .count = kFleetSize}},
      {.id = "T7",
       .name = "LOCAL_MLX",
       .advice = "Use MLX for the whole workload, in Python.",
       .tell = "",
       .details = {"Build the graph lazily and call mx.eval() once.",
                   "For training: mlx.nn, mlx.optimizers, mx.grad()."}},
      {.id = "T8",
       .name = "LOCAL_MPS",
       .advice = "Use PyTorch with its MPS backend.",
       .tell = "Using PyTorch with MPS for its ecosystem. About 2.2 times slower than MLX for raw "
               "compute, but with Hugging Face, torchvision and torchaudio.",
       .details = {"device = torch.device(\"mps\"); torch.mps.synchronize() before timing.",
                   "Operations that MPS lacks raise an error unless PYTORCH_ENABLE_MPS_FALLBACK=1 "
                   "sends them to the CPU."}},
      {.id = "T9",
       .name = "MLX_METAL_HYBRID",
       .advice = "Split it: MLX for the standard operations, Ingot's kernels for the rest.",
       .tell =
           "Splitting the workload: MLX does the operations it has, Ingot's kernels do the others.",
       .details = {"MLX: matmul, attention, norms, activations, reductions, FFT, sort.",
                   "Kernels of Ingot or of your own: stencils, N-body, stream compaction, "
                   "histograms, custom "
                   "fusion.",
                   "A single custom kernel can also stay inside MLX: mx.fast.metal_kernel."}}};
  return table;
}

}  // namespace

std::span<const Terminal> terminals() {
  return terminal_table();
}

const Terminal& find_terminal(std::string_view id) {
  const auto terminal = std::ranges::find(terminal_table(), id, &Terminal::id);
  if (terminal == terminal_table().end()) {
    throw Error(ErrorCode::kInternal, std::string(id), "is no terminal of the router");
  }
  return *terminal;
}

}  // namespace ingot::planner
