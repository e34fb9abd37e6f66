// Workloads: what is read, what is filled in, what is refused.
#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "planner/workload.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::planner {
namespace {

using testing::HasSubstr;

const LocalMachine kMachine = {.ram_gb = 24,
                               .flops_per_second = 2e12,
                               .bytes_per_second = 100e9,
                               .ram_source = "this machine",
                               .rate_source = "calibration"};

Workload read(std::string_view text) {
  return complete(parse_workload(text, "w"), kMachine);
}

std::string refusal(std::string_view text) {
  SCOPED_TRACE(text);
  return ingot::refusal([&] { read(text); }, ErrorCode::kInvalidArgument);
}

std::vector<std::string> assumed(const Workload& workload) {
  std::vector<std::string> fields;
  for (const Assumption& assumption : workload.assumptions) {
    fields.emplace_back(assumption.field);
  }
  return fields;
}

TEST(PlannerWorkload, JsonAndTomlSayTheSame) {
  const Workload json = read(R"({"item_count": 1000000, "data_size_gb": 8, "local_rate": 100,
                                 "is_parallel": true, "mlx_expressible": "mostly"})");
  const Workload toml = read(
      "item_count = 1_000_000\ndata_size_gb = 8.0\nlocal_rate = 100\nis_parallel = true\n"
      "mlx_expressible = 'mostly'  # some\n");
  for (const Workload& workload : {json, toml}) {
    EXPECT_EQ(workload.item_count, 1e6);
    EXPECT_EQ(workload.data_size_gb, 8);
    EXPECT_TRUE(workload.is_parallel);
    EXPECT_EQ(workload.mlx_expressible, MlxCoverage::kMostly);
    EXPECT_DOUBLE_EQ(workload.local_time_hours, 1e6 / 100 / 3600);
    EXPECT_EQ(workload.machine_ram_gb, 24);
  }
}

TEST(PlannerWorkload, EveryFieldIsRead) {
  Json document = {{"machine_ram_gb", 36},
                   {"data_size_gb", 0},
                   {"item_count", 7200},
                   {"flops_per_item", 10},
                   {"local_rate", 2},
                   {"local_time_hours", 1},
                   {"mlx_expressible", false}};
  for (const WorkloadField& field : workload_fields()) {
    if (field.type == "flag") {
      document[std::string(field.name)] = field.fallback == "false" && field.name != "is_parallel";
    }
  }
  EXPECT_EQ(document.size(), workload_fields().size());
  const Workload workload = complete(workload_of(document, "w"), kMachine);
  EXPECT_TRUE(workload.assumptions.empty()) << workload.assumptions.front().field;
  EXPECT_EQ(workload.machine_ram_gb, 36);
  EXPECT_EQ(workload.flops_per_item, 10);
  EXPECT_TRUE(workload.requires_cuda && workload.is_sequential && workload.outer_parallel &&
              workload.chunkable && workload.needs_pytorch_eco && workload.needs_custom_gpu);
  EXPECT_FALSE(workload.is_parallel || workload.python_acceptable);
}

TEST(PlannerWorkload, WhatIsLeftOutIsFilledInAndRecorded) {
  const Workload workload = read(R"({"item_count": 1000000000, "is_parallel": true})");
  EXPECT_EQ(workload.data_size_gb, 4);
  EXPECT_EQ(workload.flops_per_item, 1);
  // 4 GB at 100 GB/s take longer than 1e9 operations at 2e12 a second.
  EXPECT_DOUBLE_EQ(workload.local_rate, 1e9 / 0.04);
  EXPECT_DOUBLE_EQ(workload.local_time_hours, 0.04 / 3600);
  EXPECT_TRUE(workload.python_acceptable);
  EXPECT_EQ(workload.assumptions.size(), workload_fields().size() - 2);
  const auto rate = std::ranges::find(workload.assumptions, "local_rate", &Assumption::field);
  EXPECT_EQ(rate->source, "calibration");
}

TEST(PlannerWorkload, ArithmeticBoundsTheRateWhereThereIsMuchOfIt) {
  const Workload workload =
      read(R"({"item_count": 1000, "data_size_gb": 1, "flops_per_item": 1e12})");
  EXPECT_DOUBLE_EQ(workload.local_rate, 2);
}

TEST(PlannerWorkload, CountAndRateFollowFromTheOthers) {
  const Workload count = read("data_size_gb = 1\nlocal_rate = 10\nlocal_time_hours = 2");
  EXPECT_EQ(count.item_count, 72000);
  const Workload rate = read("data_size_gb = 1\nitem_count = 7200\nlocal_time_hours = 2");
  EXPECT_EQ(rate.local_rate, 1);
  const Workload bytes = read("data_size_gb = 1");
  EXPECT_EQ(bytes.item_count, 250e6);
  EXPECT_THAT(assumed(bytes), testing::Contains("item_count"));
}

TEST(PlannerWorkload, ZeroTimeAndZeroDataAreQuantities) {
  const Workload workload = read(
      "item_count = 200\ndata_size_gb = 0\nlocal_time_hours = 0\n"
      "flops_per_item = 0");
  EXPECT_EQ(workload.local_time_hours, 0);
  EXPECT_GT(workload.local_rate, 0);
}

TEST(PlannerWorkload, RoundedTimesAreNoContradiction) {
  EXPECT_EQ(read("item_count = 360000\nlocal_rate = 1\nlocal_time_hours = 98").local_time_hours,
            98);
}

TEST(PlannerWorkload, RefusesWhatIsNoQuantity) {
  EXPECT_THAT(refusal(R"({"item_count": -1})"), HasSubstr("w: item_count: -1 is negative"));
  EXPECT_THAT(refusal(R"({"item_count": 0})"), HasSubstr("not a count"));
  EXPECT_THAT(refusal(R"({"item_count": 1.5})"), HasSubstr("not a count"));
  EXPECT_THAT(refusal(R"({"item_count": "many"})"), HasSubstr("is string, not a number"));
  EXPECT_THAT(refusal(R"({"item_count": null})"), HasSubstr("is null, not a number"));
  EXPECT_THAT(refusal(R"({"item_count": true})"), HasSubstr("not a number"));
  EXPECT_THAT(refusal(R"({"item_count": 1e999})"), HasSubstr("w: is not valid JSON"));
  EXPECT_THAT(refusal("data_size_gb = nan"), HasSubstr("data_size_gb: nan is not finite"));
  EXPECT_THAT(refusal("data_size_gb = -inf"), HasSubstr("is not finite"));
  EXPECT_THAT(refusal("data_size_gb = 1e300"), HasSubstr("1e+300 is beyond any machine"));
  EXPECT_THAT(refusal("item_count = 1\nlocal_rate = 1e-300"), HasSubstr("beyond any machine"));
  EXPECT_THAT(refusal("item_count = 1\nlocal_rate = 0"), HasSubstr("must be greater than 0"));
  EXPECT_THAT(refusal("item_count = 1\nmachine_ram_gb = 0"), HasSubstr("must be greater than 0"));
  EXPECT_THAT(refusal(R"({"item_count": 1, "is_parallel": 1})"), HasSubstr("true or false"));
  EXPECT_THAT(refusal(R"({"item_count": 1, "mlx_expressible": "some"})"),
              HasSubstr("none of all, mostly, none"));
}

TEST(PlannerWorkload, RefusesWhatIsMissing) {
  EXPECT_THAT(refusal("{}"), HasSubstr("neither item_count nor data_size_gb"));
  EXPECT_THAT(refusal("local_time_hours = 3"), HasSubstr("neither item_count nor data_size_gb"));
  EXPECT_THAT(refusal(" \n"), HasSubstr("is empty"));
}

TEST(PlannerWorkload, AnUnknownFieldIsNamedWithTheNearest) {
  EXPECT_THAT(refusal(R"({"item_cuont": 5})"), HasSubstr("w: item_cuont"));
  EXPECT_THAT(refusal(R"({"item_cuont": 5})"), HasSubstr("did you mean item_count?"));
}

TEST(PlannerWorkload, CharactersBeyondAsciiAreInStringsAndCommentsAlone) {
  EXPECT_EQ(read("# caf\xc3\xa9\nitem_count = 5 # \xcf\x94").item_count, 5);
  EXPECT_EQ(read_toml("a = 'it\xc3\xa9 \\'\nb = \"\"\"\xc3\xa9 \"q\" \\\n  x\"\"\"", "t")["b"],
            "\xc3\xa9 \"q\" x");
  for (const char* text : {"item_count = 5 \xcf\x94",
                           "\xcf\x94 = 1",
                           "a = \"\"\"\\\n \xcf\x94\"\"\"",
                           "a = '\n\xcf\x94'"}) {
    EXPECT_THAT(refusal(text), HasSubstr("beyond ASCII outside of strings")) << text;
  }
}

TEST(PlannerWorkload, RefusesContradictions) {
  EXPECT_THAT(refusal("item_count = 1\nis_sequential = true\nis_parallel = true"),
              HasSubstr("outer_parallel"));
  EXPECT_THAT(refusal("item_count = 1\nneeds_custom_gpu = true\nmlx_expressible = true"),
              HasSubstr("mlx_expressible"));
  EXPECT_THAT(refusal("item_count = 3600\nlocal_rate = 1\nlocal_time_hours = 22"),
              HasSubstr("22 contradicts item_count / local_rate / 3600 = 1"));
}

TEST(PlannerWorkload, RefusesBrokenDocuments) {
  EXPECT_THAT(refusal(R"({"item_count": 5)"), HasSubstr("line 1, column 17"));
  EXPECT_THAT(refusal(R"({"item_count": 5, "item_count": 6})"),
              HasSubstr("'item_count' is there twice"));
  EXPECT_THAT(refusal("item_count = 5\nitem_count = 6"), HasSubstr("not valid TOML: line 2"));
  EXPECT_THAT(refusal("item_count: 5"), HasSubstr("not valid TOML: line 1"));
  EXPECT_THAT(refusal(R"({"item_count": )" + std::string(1000, '[')), HasSubstr("nested deeper"));
  EXPECT_THAT(refusal(R"({"item_count": {"item_count": 1}})"), HasSubstr("not a number"));
  EXPECT_THAT(refusal("\xff\xfe{}"), HasSubstr("not valid TOML"));
}

}  // namespace
}  // namespace ingot::planner
