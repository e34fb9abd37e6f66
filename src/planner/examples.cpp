#include "planner/examples.hpp"

namespace ingot::planner {

std::span<const WorkedExample> worked_examples() {
  static constexpr WorkedExample kExamples[] = {
      {1,
       "matmul-50k",
       "matmul of 50,000 x 50,000, f32",
       R"({"machine_ram_gb": 24, "data_size_gb": 30, "item_count": 2500000000, "flops_per_item": 100000,
 "is_parallel": true, "chunkable": true})",
       "S0 S3 T1",
       "Three matrices take 30 GB, more than 70 % of 24 GB; tiles stream through memory, so it "
       "stays local, in pieces."},
      {2,
       "pbkdf2-4g",
       "4.3 billion seeds through PBKDF2",
       R"({"machine_ram_gb": 24, "item_count": 4294967296, "local_rate": 3500,
 "is_sequential": true, "outer_parallel": true})",
       "S0 S1 S5 T6",
       "Sequential inside a seed, seeds independent: 340.9 h locally; 15 droplets take 22.7 h and "
       "58 dollars."},
      {3,
       "train-7b",
       "training a model of 7 billion parameters",
       R"({"machine_ram_gb": 24, "data_size_gb": 28, "requires_cuda": true, "is_parallel": true})",
       "S0 S2 T3",
       "Parameters, gradients and optimizer state take 28 GB, and cuDNN needs CUDA: 8x H100 at "
       "23.92 "
       "dollars an hour."},
      {4,
       "reduce-sum-500k",
       "sum of 500,000 floats",
       R"({"machine_ram_gb": 24, "data_size_gb": 0.002, "item_count": 500000, "is_parallel": true,
 "mlx_expressible": true, "python_acceptable": true})",
       "S0 S7 T7",
       "mx.sum does it. Where the result must be a compiled program (python_acceptable = false), "
       "it "
       "is T1 instead."},
      {5,
       "sigmoid-200",
       "sigmoid of 200 floats",
       R"({"machine_ram_gb": 24, "data_size_gb": 0.0000016, "item_count": 200, "is_parallel": true})",
       "S0 T0",
       "Launching a kernel would take longer than the work."},
      {6,
       "fft-warm-laptop",
       "a large FFT on a warm laptop on battery",
       R"({"machine_ram_gb": 24, "data_size_gb": 8, "local_time_hours": 0.3, "is_parallel": true})",
       "S0 T1",
       "The health gate warns of battery and heat; plugged in and cooled down, it runs locally."},
      {7,
       "fft-1m",
       "FFT of a signal of 1M points",
       R"({"machine_ram_gb": 24, "data_size_gb": 0.016, "item_count": 1000000, "flops_per_item": 100,
 "mlx_expressible": true, "python_acceptable": true})",
       "S0 S7 T7",
       "mx.fft.fft does it."},
      {8,
       "sort-10m",
       "sorting 10M floats",
       R"({"machine_ram_gb": 24, "data_size_gb": 0.08, "item_count": 10000000, "mlx_expressible": true})",
       "S0 S7 T7",
       "mx.sort does it for standard keys."},
      {9,
       "vector-search-filtered",
       "vector search with a filter of one's own",
       R"({"machine_ram_gb": 24, "data_size_gb": 1, "item_count": 1000000, "is_parallel": true,
 "mlx_expressible": "mostly", "needs_custom_gpu": true})",
       "S0 T1",
       "MLX lacks stream compaction, so it does not enter S7; the alternative is T9: the scores by "
       "MLX, compaction and top-k by Ingot."},
      {10,
       "fine-tune-hugging-face",
       "fine-tuning a Hugging Face model on local data",
       R"({"machine_ram_gb": 24, "data_size_gb": 8, "item_count": 10000, "mlx_expressible": true,
 "needs_pytorch_eco": true})",
       "S0 S7 T8",
       "The ecosystem decides; where the model has an MLX port, T7 is faster."},
      {11,
       "simulation-under-pressure",
       "a simulation on a machine with memory pressure",
       R"({"machine_ram_gb": 24, "data_size_gb": 14, "is_parallel": true, "needs_custom_gpu": true,
 "local_time_hours": 1})",
       "S0 T1",
       "The health gate warns first; 14 GB are within 70 % of 24 GB."}};
  return kExamples;
}

}  // namespace ingot::planner
