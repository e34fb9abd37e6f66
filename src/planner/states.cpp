#include "planner/states.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot::planner {
namespace {

#define INGOT_FACT(field)                                                \
  Fact {                                                                 \
    #field, [](const Situation& s) { return text_of(s.workload.field); } \
  }

std::string text_of(double number) {
  return fmt::format("{:.4g}", number);
}
std::string text_of(bool flag) {
  return flag ? "true" : "false";
}
std::string text_of(MlxCoverage coverage) {
  return std::string(to_string(coverage));
}

const Fact kRam = INGOT_FACT(machine_ram_gb);
const Fact kData = INGOT_FACT(data_size_gb);
const Fact kItems = INGOT_FACT(item_count);
const Fact kHours = INGOT_FACT(local_time_hours);
const Fact kCuda = INGOT_FACT(requires_cuda);
const Fact kSequential = INGOT_FACT(is_sequential);
const Fact kParallel = INGOT_FACT(is_parallel);
const Fact kOuter = INGOT_FACT(outer_parallel);
const Fact kChunkable = INGOT_FACT(chunkable);
const Fact kMlx = INGOT_FACT(mlx_expressible);
const Fact kPytorch = INGOT_FACT(needs_pytorch_eco);
const Fact kCustom = INGOT_FACT(needs_custom_gpu);
const Fact kPython = INGOT_FACT(python_acceptable);
#undef INGOT_FACT
const Fact kFleetHours = {"cloud_time", [](const Situation& s) { return text_of(s.fleet_hours); }};
const Fact kFleetUsd = {"cloud_cost", [](const Situation& s) { return text_of(s.fleet_usd); }};

bool otherwise(const Situation&) {
  return true;
}
const std::vector<State>& state_table() {
  static const std::vector<State> table = {
      {.id = "S0",
       .name = "ENTRY",
       .summary = "every workload begins here",
       .branches =
           {{.when = "data_size_gb < 0.001 AND item_count < 1000",
             .holds =
                 [](const Situation& s) {
                   return s.workload.data_size_gb < 0.001 && s.workload.item_count < 1000;
                 },
             .to = "T0",
             .facts = {kData, kItems}},
            {.when = "is_sequential AND NOT is_parallel",
             .holds =
                 [](const Situation& s) {
                   return s.workload.is_sequential && !s.workload.is_parallel;
                 },
             .to = "S1",
             .facts = {kSequential, kParallel}},
            {.when = "requires_cuda",
             .holds = [](const Situation& s) { return s.workload.requires_cuda; },
             .to = "S2",
             .facts = {kCuda}},
            {.when = "data_size_gb > machine_ram_gb * 0.70",
             .holds = [](const Situation& s) { return s.data_exceeds_memory(); },
             .to = "S3",
             .facts = {kData, kRam}},
            {.when = "mlx_expressible is not none AND python_acceptable AND NOT needs_custom_gpu",
             .holds =
                 [](const Situation& s) {
                   return s.workload.mlx_expressible != MlxCoverage::kNone &&
                          s.workload.python_acceptable && !s.workload.needs_custom_gpu;
                 },
             .to = "S7",
             .facts = {kMlx, kPython, kCustom}},
            {.when = "local_time_hours <= 4.0",
             .holds = [](const Situation& s) { return s.workload.local_time_hours <= 4; },
             .to = "T1",
             .facts = {kHours}},
            {.when = "local_time_hours <= 24.0 AND is_parallel",
             .holds =
                 [](const Situation& s) {
                   return s.workload.local_time_hours <= 24 && s.workload.is_parallel;
                 },
             .to = "S4",
             .facts = {kHours, kParallel}},
            {.when = "local_time_hours > 24.0 AND is_parallel",
             .holds =
                 [](const Situation& s) {
                   return s.workload.local_time_hours > 24 && s.workload.is_parallel;
                 },
             .to = "S5",
             .facts = {kHours, kParallel}},
            {.when = "otherwise", .holds = otherwise, .to = "S6", .facts = {kHours, kParallel}}}},
      {.id = "S1",
       .name = "SEQUENTIAL_EVAL",
       .summary = "serial inside an item: a GPU cannot help",
       .branches = {{.when = "local_time_hours <= 4.0",
                     .holds = [](const Situation& s) { return s.workload.local_time_hours <= 4; },
                     .to = "T2",
                     .facts = {kHours}},
                    {.when = "outer_parallel AND item_count > 10,000,000",
                     .holds =
                         [](const Situation& s) {
                           return s.workload.outer_parallel && s.workload.item_count > 10e6;
                         },
                     .to = "S5",
                     .facts = {kOuter, kItems}},
                    {.when = "outer_parallel",
                     .holds = [](const Situation& s) { return s.workload.outer_parallel; },
                     .to = "T2",
                     .facts = {kOuter, kItems}},
                    {.when = "otherwise",
                     .holds = otherwise,
                     .to = "T2",
                     .warning = "this will take {local_time_hours} hours, no cloud shortcut exists",
                     .facts = {kHours, kOuter}}}},
      {.id = "S2",
       .name = "CUDA_EVAL",
       .summary = "needs NVIDIA hardware",
       .branches = {{.when = "data_size_gb <= 640",
                     .holds = [](const Situation& s) { return s.workload.data_size_gb <= 640; },
                     .to = "T3",
                     .facts = {kData}},
                    {.when = "otherwise", .holds = otherwise, .to = "T4", .facts = {kData}}}},
      {.id = "S3",
       .name = "MEMORY_EXCEEDED",
       .summary = "the data does not fit into local memory",
       .branches = {{.when = "chunkable",
                     .holds = [](const Situation& s) { return s.workload.chunkable; },
                     .to = "T1",
                     .warning =
                         "{data_size_gb} GB do not fit: process the data in {pieces} pieces of at "
                         "most {memory_ceiling_gb} GB",
                     .facts = {kChunkable}},
                    {.when = "requires_cuda",
                     .holds = [](const Situation& s) { return s.workload.requires_cuda; },
                     .to = "S2",
                     .facts = {kCuda}},
                    {.when = "is_parallel AND data_size_gb <= 128",
                     .holds =
                         [](const Situation& s) {
                           return s.workload.is_parallel && s.workload.data_size_gb <= 128;
                         },
                     .to = "T5",
                     .facts = {kParallel, kData}},
                    {.when = "is_parallel AND data_size_gb > 128",
                     .holds =
                         [](const Situation& s) {
                           return s.workload.is_parallel && s.workload.data_size_gb > 128;
                         },
                     .to = "S5",
                     .facts = {kParallel, kData}},
                    {.when = "otherwise",
                     .holds = otherwise,
                     .to = "S6",
                     .facts = {kParallel, kChunkable}}}},
      {.id = "S4",
       .name = "CLOUD_CPU_EVAL",
       .summary = "4 to 24 hours locally, parallel: is a fleet worth it?",
       .branches = {{.when = "cloud_cost < 5.00 AND cloud_time < 2.0",
                     .holds =
                         [](const Situation& s) { return s.fleet_usd < 5 && s.fleet_hours < 2; },
                     .to = "T6",
                     .facts = {kFleetUsd, kFleetHours}},
                    {.when = "otherwise",
                     .holds = otherwise,
                     .to = "T1",
                     .facts = {kFleetUsd, kFleetHours}}}},
      {.id = "S5",
       .name = "FLEET_EVAL",
       .summary =
           "more than 24 hours locally, or more than 10 million items that are serial inside",
       .branches =
           {
               {.when =
                    "(is_parallel OR outer_parallel) AND NOT requires_cuda AND cloud_cost < 100.00",
                .holds =
                    [](const Situation& s) {
                      return s.parallel_somehow() && !s.workload.requires_cuda && s.fleet_usd < 100;
                    },
                .to = "T6",
                .facts = {kParallel, kOuter, kCuda, kFleetUsd}},
               {.when = "(is_parallel OR outer_parallel) AND requires_cuda",
                .holds =
                    [](const Situation& s) {
                      return s.parallel_somehow() && s.workload.requires_cuda;
                    },
                .to = "T3",
                .facts = {kParallel, kOuter, kCuda}},
               // Whoever comes here is parallel somehow, so what is left costs 100 dollars or more.
               {.when = "cloud_cost >= 100.00",
                .holds = otherwise,
                .to = "T3",
                .facts = {kFleetUsd}}}},
      {.id = "S6",
       .name = "HYBRID_EVAL",
       .summary = "fits no other case",
       .branches =
           {{.when = "data_size_gb <= machine_ram_gb * 0.70 AND local_time_hours <= 8.0",
             .holds =
                 [](const Situation& s) {
                   return !s.data_exceeds_memory() && s.workload.local_time_hours <= 8;
                 },
             .to = "T1",
             .facts = {kData, kRam, kHours}},
            {.when = "otherwise",
             .holds = otherwise,
             .to = "T6",
             .warning =
                 "complex workload, consider breaking it into stages; the fleet's time holds "
                 "only if its parts can run at the same time",
             .facts = {kData, kRam, kHours}}}},
      {.id = "S7",
       .name = "FRAMEWORK_EVAL",
       .summary = "a framework has the operations: which one is fastest?",
       .branches = {
           {.when = "needs_pytorch_eco",
            .holds = [](const Situation& s) { return s.workload.needs_pytorch_eco; },
            .to = "T8",
            .facts = {kPytorch}},
           {.when = "mlx_expressible is all",
            .holds =
                [](const Situation& s) { return s.workload.mlx_expressible == MlxCoverage::kAll; },
            .to = "T7",
            .facts = {kMlx}},
           {.when = "mlx_expressible is mostly",
            .holds =
                [](const Situation& s) {
                  return s.workload.mlx_expressible == MlxCoverage::kMostly;
                },
            .to = "T9",
            .facts = {kMlx}},
           {.when = "otherwise", .holds = otherwise, .to = "T1", .facts = {kMlx}}}}};
  return table;
}

}  // namespace

std::span<const State> states() {
  return state_table();
}

const State& find_state(std::string_view id) {
  const auto state = std::ranges::find(state_table(), id, &State::id);
  if (state == state_table().end()) {
    throw Error(ErrorCode::kInternal, std::string(id), "is no state of the router");
  }
  return *state;
}

}  // namespace ingot::planner
