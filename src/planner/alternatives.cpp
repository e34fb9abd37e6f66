#include "planner/states.hpp"

namespace ingot::planner {
namespace {

bool always(const Situation&) {
  return true;
}
bool long_work(const Situation& s) {
  return s.workload.local_time_hours > 4;
}

}  // namespace

std::span<const AlternativeRule> alternative_rules() {
  static const std::vector<AlternativeRule> rules = {
      {"T1",
       "mlx_expressible is mostly AND python_acceptable",
       [](const Situation& s) {
         return s.workload.mlx_expressible == MlxCoverage::kMostly && s.workload.python_acceptable;
       },
       "T9",
       "MLX has most of the operations: leave it those, and do the others with Ingot's kernels"},
      {"T1",
       "mlx_expressible is all AND NOT python_acceptable",
       [](const Situation& s) {
         return s.workload.mlx_expressible == MlxCoverage::kAll && !s.workload.python_acceptable;
       },
       "T7",
       "MLX has all operations, if Python were acceptable"},
      {"T1",
       "needs_pytorch_eco",
       [](const Situation& s) { return s.workload.needs_pytorch_eco; },
       "T8",
       "PyTorch's ecosystem runs locally on its MPS backend"},
      {"T1",
       "local_time_hours > 4.0 AND is_parallel",
       [](const Situation& s) { return s.workload.local_time_hours > 4 && s.workload.is_parallel; },
       "T6",
       "a fleet is done sooner"},
      {"T2",
       "outer_parallel AND local_time_hours > 4.0",
       [](const Situation& s) {
         return s.workload.outer_parallel && s.workload.local_time_hours > 4;
       },
       "T6",
       "the items are independent: a fleet is done sooner"},
      {"T3",
       "NOT requires_cuda AND (is_parallel OR outer_parallel)",
       [](const Situation& s) { return !s.workload.requires_cuda && s.parallel_somehow(); },
       "T6",
       "a fleet of CPUs does it, too"},
      {"T5",
       "always",
       always,
       "T1",
       "if the data can stream through memory in pieces, this machine can do it (chunkable)"},
      {"T6",
       "NOT is_sequential AND data fits",
       [](const Situation& s) { return !s.workload.is_sequential && !s.data_exceeds_memory(); },
       "T1",
       "this machine can do it, if there is time"},
      {"T6",
       "is_sequential",
       [](const Situation& s) { return s.workload.is_sequential; },
       "T2",
       "this machine's CPU can do it, if there is time"},
      {"T8",
       "always",
       always,
       "T7",
       "if the model has an MLX port (mlx-community), that is faster"},
      {"T9", "always", always, "T1", "Ingot's kernels alone, without a second framework"},
      {"T7", "local_time_hours > 4.0", long_work, "T3", "rented GPUs are done sooner"},
      {"T8", "local_time_hours > 4.0", long_work, "T3", "rented GPUs are done sooner"},
      {"T9", "local_time_hours > 4.0", long_work, "T3", "rented GPUs are done sooner"}};
  return rules;
}

}  // namespace ingot::planner
