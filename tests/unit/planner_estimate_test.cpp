// Costs, profiles and estimates, against figures worked out by hand.
#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "catalogue/catalogue.hpp"
#include "gmock/gmock.h"
#include "planner/estimate.hpp"
#include "planner/machine.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::planner {
namespace {

using testing::HasSubstr;

// 100 GB/s of which a copy reaches 80, 1 TFLOP/s, f16 twice that, 10 us a call.
DeviceProfile device() {
  DeviceProfile profile;
  profile.id = "test";
  profile.bandwidth = {100e9, "", false};
  profile.copy_reach = {0.8, "", false};
  profile.f32_flops = {1e12, "", false};
  profile.f16_multiplier = {2, "", false};
  profile.bf16_multiplier = {3, "", false};
  profile.i8_multiplier = {4, "", false};
  profile.launch_seconds = {10e-6, "", false};
  return profile;
}

TEST(PlannerEstimate, AMemoryBoundKernelTakesItsBytes) {
  const Work work = work_of(find_kernel("REDUCE_SUM"), 100'000'000);
  EXPECT_EQ(work.cost.bytes(), 400'000'004);
  const Estimate estimate = planner::estimate(work, device());
  EXPECT_NEAR(estimate.seconds, 10e-6 + 400'000'004 / 80e9, 1e-12);
  EXPECT_EQ(estimate.bound, Bound::kMemory);
  EXPECT_NEAR(estimate.bytes_per_second(), 400'000'004 / estimate.seconds, 1);
  EXPECT_THAT(estimate.advice, testing::Contains(HasSubstr("f16 instead of f32: 2.51 ms")));
}

TEST(PlannerEstimate, AMatrixProductTakesItsOperations) {
  const KernelRecord& dot = find_kernel("DOT_BATCHED");
  const Work work = work_of(dot, sample_of(dot, {2000, 1000, 3000}, DType::kF32));  // q x d x n
  EXPECT_EQ(work.cost.flops, 2.0 * 2000 * 1000 * 3000);
  EXPECT_EQ(work.items, 2000.0 * 3000);
  EXPECT_EQ(work.cost.bytes(), 4.0 * (2000 * 1000 + 3000 * 1000 + 2000 * 3000));
  const Estimate f32 = estimate(work, device());
  EXPECT_NEAR(f32.seconds, 10e-6 + 12e9 / 1e12, 1e-9);
  EXPECT_EQ(f32.bound, Bound::kCompute);
  const Estimate f16 =
      estimate(work_of(dot, sample_of(dot, {2000, 1000, 3000}, DType::kF16)), device());
  EXPECT_NEAR(f16.seconds, 10e-6 + 12e9 / 2e12, 1e-9);
  const Estimate bf16 =
      estimate(work_of(dot, sample_of(dot, {2000, 1000, 3000}, DType::kBF16)), device());
  EXPECT_NEAR(bf16.seconds, 10e-6 + 12e9 / 3e12, 1e-9);
  const Estimate i8 =
      estimate(work_of(dot, sample_of(dot, {2000, 1000, 3000}, DType::kI8)), device());
  EXPECT_NEAR(i8.seconds, 10e-6 + 12e9 / 4e12, 1e-9);
}

TEST(PlannerEstimate, FewElementsAreBoundByTheLaunch) {
  const Estimate estimate = planner::estimate(work_of(find_kernel("REDUCE_SUM"), 1000), device());
  EXPECT_EQ(estimate.bound, Bound::kLaunch);
  EXPECT_NEAR(estimate.seconds, 10e-6 + 4004 / 80e9, 1e-12);
  EXPECT_THAT(estimate.advice.front(), HasSubstr("launching takes 10 us"));
}

TEST(PlannerEstimate, EfficiencyIsMeasuredElseTheDomainsMedianElseOne) {
  DeviceProfile profile = device();
  std::string source;
  EXPECT_EQ(efficiency_of(find_kernel("REDUCE_SUM"), profile, source), 1);
  profile.efficiency["REDUCE_ARGMAX"] = 0.5;
  EXPECT_EQ(efficiency_of(find_kernel("REDUCE_SUM"), profile, source), 0.5);
  EXPECT_EQ(source, "median of its domain");
  EXPECT_EQ(efficiency_of(find_kernel("TRANSPOSE_2D"), profile, source), 1);
  profile.efficiency["REDUCE_SUM"] = 0.8;
  EXPECT_EQ(efficiency_of(find_kernel("REDUCE_SUM"), profile, source), 0.8);
  EXPECT_EQ(source, "measured");
  const Estimate estimate =
      planner::estimate(work_of(find_kernel("REDUCE_SUM"), 100'000'000), profile);
  EXPECT_NEAR(estimate.seconds, 10e-6 + 400'000'004 / 80e9 / 0.8, 1e-12);
}

TEST(PlannerEstimate, TheLegacyModelIsOneRate) {
  const Work work = work_of(find_kernel("REDUCE_SUM"), 45'000'000);
  EXPECT_NEAR(estimate(work, device(), Model::kLegacy).seconds, 45e6 / 450e9, 1e-12);
  KernelRecord unrated = find_kernel("REDUCE_SUM");
  unrated.legacy_gflops = 0;
  EXPECT_THAT(refusal([&] { estimate(work_of(unrated, 10), device(), Model::kLegacy); }),
              HasSubstr("no figure for the legacy model"));
}

TEST(PlannerEstimate, EveryKernelHasACostThatNeedsNoMemory) {
  for (const KernelRecord* record : catalogue()) {
    const Work work = work_of(*record, int64_t{1} << 31);
    EXPECT_GT(work.cost.bytes(), 0) << record->id;
    EXPECT_GT(estimate(work, device()).seconds, 1e-3) << record->id;
  }
}

TEST(PlannerEstimate, OperationsAreFoundByTheirWords) {
  EXPECT_EQ(find_operation("softmax").id, "SOFTMAX_STABLE");
  EXPECT_EQ(find_operation("reduce_sum").id, "REDUCE_SUM");
  EXPECT_EQ(find_operation("transpose").id, "TRANSPOSE_2D");
  EXPECT_THAT(std::string(find_operation("matmul").id),
              testing::AnyOf("DOT_BATCHED", "MATMUL_BATCHED"));
  EXPECT_THAT(refusal([] { find_operation("reduce"); }), HasSubstr("REDUCE_ARGMAX"));
  EXPECT_THAT(refusal([] { find_operation("redoce_sum"); }), HasSubstr("did you mean REDUCE_SUM?"));
}

TEST(PlannerEstimate, RefusesShapesThatTheKernelDoesNotTake) {
  const KernelRecord& dot = find_kernel("DOT_BATCHED");
  EXPECT_THAT(refusal([&] { work_of(dot, sample_of(dot, {4, 4}, DType::kF32)); }),
              HasSubstr("q x d x n"));
  EXPECT_THAT(refusal([&] { work_of(dot, sample_of(dot, {4, 4, 4, 4}, DType::kF32)); }),
              HasSubstr("too many"));
  EXPECT_THAT(refusal([&] { work_of(dot, sample_of(dot, {4, 4, 4}, DType::kU8)); }),
              HasSubstr("u8"));
  const int64_t huge = int64_t{1} << 40;
  EXPECT_THAT(refusal([&] { work_of(dot, sample_of(dot, {huge, huge, 4}, DType::kF32)); }),
              HasSubstr("too many"));
  for (const char* text : {"", "4x", "x4", "4x-1", "0", "4,4", "99999999999999999999"}) {
    EXPECT_THROW(parse_extents(text), Error) << text;
  }
  EXPECT_EQ(parse_extents("4x5"), (std::vector<int64_t>{4, 5}));
}

TEST(PlannerEstimate, AKernelCallIsAWorkload) {
  const LocalMachine machine = machine_of(find_profile("m5"), 24);
  const Work matmul =
      work_of(find_operation("matmul"),
              sample_of(find_operation("matmul"), {50000, 50000, 50000}, DType::kF32));
  const Workload workload = workload_from(matmul, find_profile("m5"), machine, {});
  EXPECT_NEAR(workload.data_size_gb, 30, 1e-9);
  EXPECT_EQ(workload.item_count, 2.5e9);
  EXPECT_EQ(workload.flops_per_item, 100000);
  EXPECT_TRUE(workload.chunkable && workload.is_parallel);
  EXPECT_NEAR(workload.local_time_hours * 3600, 2.5e14 / find_profile("m5").f32_flops.value, 1e-3);
  WorkloadDescription given;
  given.chunkable = false;
  given.is_sequential = true;
  const Workload other = workload_from(matmul, find_profile("m5"), machine, given);
  EXPECT_FALSE(other.chunkable || other.is_parallel);
}

TEST(PlannerProfiles, TheBuiltInOnesAreWhole) {
  EXPECT_EQ(find_profile("M4-Max").bandwidth.value, 546e9);
  EXPECT_EQ(find_profile("h200").bandwidth.value, 4800e9);
  for (const DeviceProfile& profile : profiles()) {
    EXPECT_FALSE(profile.f32_flops.source.empty()) << profile.id;
    EXPECT_GT(profile.copy_reach.value, 0.5) << profile.id;
    EXPECT_LE(profile.copy_reach.value, 1) << profile.id;
    EXPECT_LT(profile.launch_seconds.value, 1e-3) << profile.id;
    const std::vector<DeviceProfile> again = parse_profiles(toml_of(profile), profile.id);
    EXPECT_NEAR(
        again.at(0).f32_flops.value, profile.f32_flops.value, 1e-5 * profile.f32_flops.value);
    EXPECT_EQ(again.at(0).f32_flops.assumed, profile.f32_flops.assumed);
  }
  EXPECT_THAT(refusal([] { find_profile("m4-mex"); }), HasSubstr("did you mean m4-max?"));
}

TEST(PlannerProfiles, BrokenProfilesAreRefused) {
  EXPECT_THAT(refusal([] { parse_profiles("[[divice]]\n", "d"); }), HasSubstr("divice"));
  EXPECT_THAT(refusal([] { parse_profiles("[[device]]\nid = 'x'\n", "d"); }),
              HasSubstr("is missing"));
  EXPECT_THAT(refusal([] { parse_profiles("[[device]]\nf32_gflops = 3\n", "d"); }),
              HasSubstr("is not a figure"));
  EXPECT_THAT(
      refusal([] { parse_profiles("[[device]]\nf32_gflops = {value = -3, source = 's'}\n", "d"); }),
      HasSubstr("is not a positive number"));
  EXPECT_THAT(refusal([] { parse_profiles("[[device]]\ncores = 'many'\n", "d"); }),
              HasSubstr("cores"));
}

class Calibrations : public testing::Test {
 protected:
  Calibrations() {
    std::string name =
        (std::filesystem::temp_directory_path() / "ingot-calibration-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Calibrations() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

TEST_F(Calibrations, AreStoredAndFoundByTheFingerprint) {
  DeviceProfile profile = device();
  profile.id = "cpu";
  profile.name = "A \"quoted\" name";
  profile.kind = "cpu";
  profile.calibrated = parse_date("2026-11-20", "d");
  profile.fingerprint = "cpu/7";
  profile.triad_bytes_per_second = 70e9;
  profile.efficiency["REDUCE_SUM"] = 0.75;
  for (Figure DeviceProfile::* figure : {&DeviceProfile::bandwidth,
                                         &DeviceProfile::copy_reach,
                                         &DeviceProfile::f32_flops,
                                         &DeviceProfile::f16_multiplier,
                                         &DeviceProfile::bf16_multiplier,
                                         &DeviceProfile::i8_multiplier,
                                         &DeviceProfile::launch_seconds}) {
    (profile.*figure).source = "measured";
  }
  const auto directory = directory_ / "new";
  store_calibration(directory, profile);
  const auto loaded = load_calibration(directory, "cpu", "cpu/7");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->name, profile.name);
  EXPECT_EQ(loaded->efficiency, profile.efficiency);
  EXPECT_NEAR(loaded->copy_bytes_per_second(), 80e9, 1);
  EXPECT_NEAR(loaded->launch_seconds.value, 10e-6, 1e-12);
  EXPECT_FALSE(load_calibration(directory, "cpu", "cpu/8"));
  EXPECT_FALSE(load_calibration(directory, "metal", "cpu/7"));
  std::ofstream(directory / "cpu.toml") << "[[device]]\nid = ";
  EXPECT_FALSE(load_calibration(directory, "cpu", "cpu/7"));
}

TEST_F(Calibrations, WithoutOneTheMachineIsAssumed) {
  const LocalMachine machine = this_machine(directory_);
  EXPECT_GT(machine.ram_gb, 0);
  EXPECT_GT(machine.bytes_per_second, 0);
  EXPECT_THAT(machine.rate_source, HasSubstr("'ingot calibrate' measures this machine"));
}

}  // namespace
}  // namespace ingot::planner
