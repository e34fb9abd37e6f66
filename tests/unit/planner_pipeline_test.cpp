// What a pipeline is estimated to do, against figures worked out by hand and against a run.
#include <map>
#include <set>

#include "gtest/gtest.h"

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

#include "gmock/gmock.h"
#include "planner/estimate.hpp"
#include "planner/machine.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::planner {
namespace {

using testing::HasSubstr;

// 100 GB/s, 1 TFLOP/s in every dtype, 10 us a call.
DeviceProfile device(std::string kind = "cpu") {
  DeviceProfile profile;
  profile.id = "test";
  profile.kind = std::move(kind);
  profile.bandwidth = {100e9, "", false};
  profile.copy_reach = {1, "", false};
  profile.f32_flops = {1e12, "", false};
  profile.f16_multiplier = {1, "", false};
  profile.bf16_multiplier = {1, "", false};
  profile.i8_multiplier = {1, "", false};
  profile.launch_seconds = {10e-6, "", false};
  return profile;
}

const PipelineRecord& search() {
  return find_pipeline("vector-search");
}

Sample run_of(DType dtype, int64_t n, int64_t d, int64_t q, std::vector<NamedValue> params = {}) {
  return {{{"database", dtype, {n, d}}, {"queries", dtype, {q, d}}}, std::move(params)};
}

struct Sums {
  double calls = 0, bytes = 0, flops = 0;
};

// By step, all kernels of it together.
std::map<std::string_view, Sums> sums_of(const PipelineEstimate& estimate) {
  std::map<std::string_view, Sums> sums;
  for (const StepEstimate& step : estimate.steps) {
    Sums& sum = sums[step.step];
    sum.calls += step.calls;
    sum.bytes += step.estimate.bytes;
    sum.flops += step.estimate.flops;
  }
  return sums;
}

// 100,000 rows on a CPU: a sample of 3,125 rows, 2 x 10 / 3,125 of the rows pass, and 256 queries
// take blocks of 65,536 and 34,464 rows. Candidates: 419 and 220, with room for 1,024 and 512.
TEST(PlannerPipeline, VectorSearchByHand) {
  const PipelineEstimate whole =
      estimate(search(), run_of(DType::kF16, 100'000, 64, 256, {{"k", 10}}), device());
  const auto sums = sums_of(whole);
  EXPECT_EQ(sums.size(), 6u);  // rescore=original: nothing is dequantised
  const Sums quantise = sums.at("quantise");
  EXPECT_EQ(quantise.calls, 2);
  EXPECT_EQ(quantise.bytes, 100'256 * (64 * 2 + 64 + 4.0));
  EXPECT_EQ(quantise.flops, 3.0 * 100'256 * 64);
  const Sums limit = sums.at("limit");
  EXPECT_EQ(limit.calls, 4);
  EXPECT_EQ(limit.bytes,
            (256 + 3'125) * 128.0 + 2 * 256 * 3'125 * 4.0  // scores, written and read
                + 256 * 10 * (4 + 8.0)                     // the best
                + 256 * 10 * 4.0 + 256 * (4 + 8.0)         // the worst of these
                + 256 * 3 * 4.0);                          // less the slack
  EXPECT_EQ(limit.flops, 2.0 * 64 * 256 * 3'125 + 256);
  const Sums bound = sums.at("bound");
  EXPECT_EQ(bound.calls, 2);
  EXPECT_EQ(bound.bytes, 2 * 256 * (64 + 3 * 4.0) + 100'000 * (64 + 4.0) + 256.0 * 100'000);
  EXPECT_EQ(bound.flops, 2.0 * 64 * 256 * 100'000);
  const Sums compact = sums.at("compact");
  EXPECT_EQ(compact.bytes, 256.0 * 100'000 + 256 * (1'024 + 512) * 4.0 + 2 * 256 * 8.0);
  const Sums score = sums.at("score");
  EXPECT_EQ(score.bytes, 2 * 256 * 128.0 + 100'000 * 128.0 + 256 * (1'024 + 512) * (4 + 4.0));
  EXPECT_EQ(score.flops, 2.0 * 64 * 256 * (1'024 + 512));
  const Sums select = sums.at("select");
  EXPECT_EQ(select.bytes, 256 * (1'024 + 512) * 8.0 + 2 * 256 * 10 * (4 + 8.0));
  EXPECT_EQ(whole.work.items, 256);
  EXPECT_EQ(whole.work.data_bytes, 100'256 * 128.0 + 256 * 10 * 12.0);
}

// Fewer rows than a sample has: all of them are one. Cosines of f16 rows are taken in f32; 2 x 5 of
// 1,000 rows pass, with room for 16.
TEST(PlannerPipeline, VectorSearchOfFewRowsByHand) {
  const Sample run =
      run_of(DType::kF16, 1'000, 8, 3, {{"k", 5}, {"metric", "cosine"}, {"rescore", "quantised"}});
  const auto sums = sums_of(estimate(search(), run, device()));
  EXPECT_EQ(sums.size(), 7u);
  EXPECT_EQ(sums.at("quantise").bytes, 1'003 * (8 * 4 + 8 * 2 + 8 * 2 + 8 + 4.0));
  EXPECT_EQ(sums.at("limit").flops, 2.0 * 8 * 3 * 1'000 + 3);
  EXPECT_EQ(sums.at("bound").flops, 2.0 * 8 * 3 * 1'000);
  EXPECT_EQ(sums.at("compact").bytes, 3 * 1'000.0 + 3 * 16 * 4 + 3 * 8);
  EXPECT_EQ(sums.at("dequantise").bytes, 1'000 * (8 + 4 + 8 * 2.0) + 3 * 8 * (4 + 2.0));
  EXPECT_EQ(sums.at("score").bytes, (3 + 3 * 16) * 16.0 + 3 * 16 * (4 + 4.0));  // 48 rows at most
  EXPECT_EQ(sums.at("score").flops, 2.0 * 8 * 3 * 16);
}

// On a GPU: a sample of 1,000,000 / 38 rows, so a share of 26,315 / 1,000,000 of the rows and room
// for (10 + 8 sqrt 10 + 24) / share = 2,253, in steps of 64, for each of 1,000 queries.
TEST(PlannerPipeline, VectorSearchOnAGpuByHand) {
  const Sample run = run_of(DType::kF16, 1'000'000, 128, 1'000, {{"k", 10}});
  const auto sums = sums_of(estimate(search(), run, device("nvidia-gpu")));
  EXPECT_EQ(sums.size(), 4u);  // limit, bound, score, select
  EXPECT_EQ(sums.at("limit").flops, 2.0 * 128 * 1'000 * 26'315 + 1'000);
  EXPECT_EQ(sums.at("bound").flops, 2.0 * 128 * 1'000 * 1e6);
  EXPECT_EQ(sums.at("bound").bytes,
            (1e6 + 1'000) * 128 * 2 + 1'000 * (4 + 2'304 * 4.0 + 8));  // limits, columns, counts
  EXPECT_EQ(sums.at("score").flops, 2.0 * 128 * 1'000 * 2'304);
  EXPECT_EQ(sums.at("select").bytes, 1'000 * 2'304 * 8.0 + 1'000 * 10 * 12.0);
}

TEST(PlannerPipeline, TwiceTheQueriesAreTwiceTheWorkButForTheDatabase) {
  const auto of = [](int64_t queries) {
    return estimate(search(), run_of(DType::kF32, 500'000, 128, queries), device());
  };
  const auto once = sums_of(of(512));
  const auto twice = sums_of(of(1024));
  const double rows = 500'000 * (128 * 9 + 4.0);
  for (const auto& [name, sum] : once) {
    const double fixed_calls = name == "quantise" ? 2 : 0;
    const double fixed_bytes = name == "quantise" ? rows : 0;
    EXPECT_EQ(twice.at(name).calls - fixed_calls, 2 * (sum.calls - fixed_calls)) << name;
    EXPECT_DOUBLE_EQ(twice.at(name).bytes - fixed_bytes, 2 * (sum.bytes - fixed_bytes)) << name;
  }
  EXPECT_EQ(twice.at("bound").flops, 2 * once.at("bound").flops);
}

TEST(PlannerPipeline, TheWholeIsItsCalls) {
  const Sample run = run_of(DType::kF32, 1'000'000, 128, 1'000);
  const PipelineEstimate on_cpu = estimate(search(), run, device("cpu"));
  const PipelineEstimate on_gpu = estimate(search(), run, device("nvidia-gpu"));
  double seconds = 0;
  for (const StepEstimate& step : on_cpu.steps) {
    EXPECT_GT(step.calls, 0) << step.step;
    seconds += step.estimate.seconds;
  }
  EXPECT_DOUBLE_EQ(on_cpu.total.seconds, seconds);
  EXPECT_EQ(on_cpu.total.bound, Bound::kCompute);
  EXPECT_THAT(on_cpu.total.advice.front(), HasSubstr("bound by DOT_BATCHED takes"));
  // All rows at once, so one call, for the same products.
  EXPECT_EQ(sums_of(on_gpu).at("bound").calls, 1);
  EXPECT_EQ(sums_of(on_cpu).at("bound").flops, sums_of(on_gpu).at("bound").flops);
}

// What the steps report of a run is counted by the search itself.
TEST(PlannerPipeline, ARunMovesWhatWasEstimated) {
  constexpr int64_t kRows = 5'000, kElements = 16, kQueries = 300;
  const auto random = [](int64_t rows) {
    HostArray array(DType::kF32, {rows, kElements});
    uint32_t state = 1;
    for (float& x : array.as<float>()) {
      state = state * 1664525 + 1013904223;
      x = static_cast<float>(state >> 8) / 0x1p23F - 1;
    }
    return array;
  };
  const PipelineResult result =
      search().run(init_backend(BackendPreference::kCpu),
                   {{"database", random(kRows)}, {"queries", random(kQueries)}},
                   {{"recall_queries", 0}},
                   {});
  const auto sums =
      sums_of(estimate(search(), run_of(DType::kF32, kRows, kElements, kQueries), device("cpu")));
  for (const StepReport& step : result.steps) {
    EXPECT_EQ(step.bytes > 0, sums.contains(step.name)) << step.name;
  }
  const auto reported = [&](std::string_view name) {
    return std::ranges::find(result.steps, name, &StepReport::name)->bytes;
  };
  // The search leaves out of its count vectors of one number a row, and the last steps of a limit.
  for (const char* name : {"quantise", "bound"}) {
    EXPECT_NEAR(sums.at(name).bytes / reported(name), 1, 0.1) << name;
  }
  EXPECT_NEAR(sums.at("limit").bytes / reported("limit"), 1, 0.1);
}

TEST(PlannerPipeline, ShapesAreGivenByTheNamesOfTheRecord) {
  const Sample run = sample_of(search(), {1000, 64, 30}, DType::kF16);  // n x d x q
  ASSERT_EQ(run.inputs.size(), 2u);
  EXPECT_EQ(run.inputs[0].shape, (Shape{1000, 64}));
  EXPECT_EQ(run.inputs[1].shape, (Shape{30, 64}));
  EXPECT_EQ(run.inputs[1].dtype, DType::kF16);
  const Sample typical = search().sample(12'800);
  EXPECT_EQ(typical.inputs[0].shape, (Shape{100, 128}));
}

TEST(PlannerPipeline, WhatARunRefusesAnEstimateRefuses) {
  const auto of = [](const Sample& run) { return refusal([&] { search().work(run, false); }); };
  EXPECT_THAT(of(run_of(DType::kF16, 100, 8, 3, {{"k", 101}})), HasSubstr("101 neighbours of 100"));
  EXPECT_THAT(of(run_of(DType::kF16, 100, 0, 3)), HasSubstr("no elements"));
  EXPECT_THAT(of(run_of(DType::kI8, 100, 8, 3)), HasSubstr("is i8"));
  EXPECT_THAT(of(run_of(DType::kF16, 100, 8, 3, {{"kk", 1}})), HasSubstr("no such parameter"));
  EXPECT_THAT(of({{{"database", DType::kF16, {5, 8}}}, {}}), HasSubstr("queries"));
  EXPECT_THAT(refusal([] { sample_of(search(), {5, 8}, DType::kF16); }), HasSubstr("n x d x q"));
  const int64_t huge = int64_t{1} << 40;
  EXPECT_THAT(refusal([&] { sample_of(search(), {huge, huge, 1}, DType::kF16); }),
              HasSubstr("too many"));
  EXPECT_TRUE(search().work(run_of(DType::kF16, 100, 8, 0), false).calls.size() > 0);
}

TEST(PlannerPipeline, ARunIsAWorkload) {
  const LocalMachine machine = machine_of(find_profile("m5"), 24);
  const Sample run = run_of(DType::kF32, 1'000'000, 128, 1'000);
  const Workload workload = workload_from(search(), run, device(), machine, {});
  EXPECT_EQ(workload.item_count, 1'000);
  EXPECT_NEAR(workload.data_size_gb, (1'001'000 * 512 + 1'000 * 10 * 12) / 1e9, 1e-12);
  const PipelineEstimate whole = estimate(search(), run, device());
  EXPECT_NEAR(workload.flops_per_item, whole.total.flops / 1'000, 1);
  EXPECT_NEAR(workload.local_time_hours * 3600, whole.total.seconds, 1e-9);
}

}  // namespace
}  // namespace ingot::planner
