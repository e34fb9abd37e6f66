// The router: the worked examples, the decisions and every way through the tables.
#include <random>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "planner/examples.hpp"
#include "planner/machine.hpp"
#include "planner/route.hpp"

namespace ingot::planner {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Prices as the worked examples have them, fresh.
PriceList example_prices(Date date) {
  PriceList list = PriceList::built_in();
  PriceList fresh;
  for (Price price : list.all()) {
    price.date = date;
    fresh.set({price});
  }
  return fresh;
}

const Date kToday = parse_date("2026-11-20", "today");

const LocalMachine& m5() {
  static const LocalMachine machine = machine_of(find_profile("m5"), 24);
  return machine;
}

Placement route(std::string_view workload) {
  static const Router router(example_prices(kToday), m5(), kToday);
  return router.route(complete(parse_workload(workload, "w"), m5()));
}

std::string path_of(const Placement& placement) {
  std::string path;
  for (const Step& step : placement.path) {
    path += fmt::format("{} ", step.state);
  }
  return path + std::string(placement.terminal->id);
}

std::vector<std::string_view> alternatives_of(const Placement& placement) {
  std::vector<std::string_view> ids;
  for (const Alternative& alternative : placement.alternatives) {
    ids.push_back(alternative.terminal->id);
  }
  return ids;
}

class Example : public testing::TestWithParam<WorkedExample> {};

TEST_P(Example, TakesItsPath) {
  EXPECT_EQ(path_of(route(GetParam().workload)), GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(PlannerRoute,
                         Example,
                         testing::ValuesIn(worked_examples().begin(), worked_examples().end()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

std::string_view example(std::string_view name) {
  return std::ranges::find(worked_examples(), name, &WorkedExample::name)->workload;
}

TEST(PlannerRoute, ThereAreElevenExamples) {
  EXPECT_EQ(worked_examples().size(), 11u);
}

TEST(PlannerRoute, TheFleetExampleCostsWhatTheFormulaGives) {
  const Placement placement = route(example("pbkdf2-4g"));
  EXPECT_NEAR(placement.local_hours, 4294967296.0 / 3500 / 3600, 1e-9);
  ASSERT_TRUE(placement.cloud);
  EXPECT_EQ(placement.cloud->provider, "digitalocean");
  EXPECT_EQ(placement.cloud->instance, "s-8vcpu-16gb-amd");
  EXPECT_EQ(placement.cloud->count, 15);
  EXPECT_NEAR(placement.cloud->hours, 22.7, 0.05);
  EXPECT_NEAR(placement.cloud->usd, 58, 0.1);
  EXPECT_THAT(placement.tell, HasSubstr("Fleet of 15 droplets: ~22.7 h, ~$58"));
  EXPECT_THAT(placement.warnings, Contains(HasSubstr("ALWAYS VERIFY")));
  EXPECT_THAT(alternatives_of(placement), Contains("T2"));
}

TEST(PlannerRoute, TheMatmulExampleIsChunked) {
  EXPECT_THAT(route(example("matmul-50k")).warnings,
              Contains("30 GB do not fit: process the data in 2 pieces of at most 16.8 GB"));
}

TEST(PlannerRoute, TheTrainingExampleRentsEightH100) {
  const Placement placement = route(example("train-7b"));
  EXPECT_EQ(placement.cloud->instance, "gpu_8x_h100_sxm5");
  EXPECT_EQ(placement.cloud->count, 1);
  EXPECT_EQ(placement.cloud->price.price, 23.92);
  EXPECT_LT(placement.cloud->hours, placement.local_hours);
  EXPECT_THAT(placement.warnings, Contains(HasSubstr("$574 a day if forgotten")));
}

TEST(PlannerRoute, WithoutPythonTheOlderStatesAreLeft) {
  for (const std::string_view name : {"reduce-sum-500k", "fft-1m", "sort-10m"}) {
    std::string workload(example(name));
    workload = workload.substr(0, workload.rfind('}')) + ", \"python_acceptable\": false}";
    if (workload.find("\"python_acceptable\": true, ") != std::string::npos ||
        workload.find("\"python_acceptable\": true,") != std::string::npos) {
      const size_t at = workload.find("\"python_acceptable\": true");
      workload.erase(workload.rfind(',', at), 1 + at - workload.rfind(',', at) + 24);
    }
    const Placement placement = route(workload);
    EXPECT_EQ(path_of(placement), "S0 T1") << name;
    EXPECT_THAT(alternatives_of(placement), Contains("T7")) << name;
  }
}

TEST(PlannerRoute, TheVectorSearchExampleNamesTheHybrid) {
  EXPECT_THAT(alternatives_of(route(example("vector-search-filtered"))), Contains("T9"));
}

TEST(PlannerRoute, TheHuggingFaceExampleNamesMlx) {
  EXPECT_THAT(alternatives_of(route(example("fine-tune-hugging-face"))), Contains("T7"));
}

TEST(PlannerRoute, LongWorkOfAFrameworkNamesTheCloudToo) {
  EXPECT_THAT(
      alternatives_of(route("data_size_gb = 1\nmlx_expressible = true\nlocal_time_hours = 5")),
      Contains("T3"));
  EXPECT_THAT(
      alternatives_of(route("data_size_gb = 1\nmlx_expressible = true\nlocal_time_hours = 4")),
      testing::Not(Contains("T3")));
}

struct Decision {
  const char* name;
  const char* workload;
  const char* path;
};

class Decided : public testing::TestWithParam<Decision> {};

TEST_P(Decided, TakesThePath) {
  EXPECT_EQ(path_of(route(GetParam().workload)), GetParam().path);
}

// Data in GB, 24 GB of memory: the ceiling is 16.8.
constexpr Decision kDecisions[] = {
    {"FewItemsOfMuchDataAreNotTiny",
     "data_size_gb = 2\nitem_count = 500\nlocal_time_hours = 1",
     "S0 T1"},
    {"ManyItemsOfLittleDataAreNotTiny",
     "data_size_gb = 0\nitem_count = 1000\nlocal_time_hours = 1",
     "S0 T1"},
    {"TheMemoryCeilingItselfFits",
     "machine_ram_gb = 10\ndata_size_gb = 7\nlocal_time_hours = 1",
     "S0 T1"},
    {"BeyondTheCeilingNothingHelps", "data_size_gb = 17\nlocal_time_hours = 1", "S0 S3 S6 T6"},
    {"BeyondTheCeilingAndChunkable", "data_size_gb = 17\nchunkable = true", "S0 S3 T1"},
    {"BeyondTheCeilingInADroplet", "data_size_gb = 128\nis_parallel = true", "S0 S3 T5"},
    {"BeyondADroplet",
     "data_size_gb = 128.1\nis_parallel = true\nlocal_time_hours = 30",
     "S0 S3 S5 T6"},
    {"CudaGoesBeforeMemory", "data_size_gb = 640\nrequires_cuda = true", "S0 S2 T3"},
    {"CudaBeyondOneInstance", "data_size_gb = 641\nrequires_cuda = true", "S0 S2 T4"},
    {"SequentialGoesBeforeCuda",
     "data_size_gb = 1\nis_sequential = true\nrequires_cuda = true",
     "S0 S1 T2"},
    {"SequentialAndLong",
     "item_count = 100000000\nis_sequential = true\nlocal_time_hours = 40",
     "S0 S1 T2"},
    {"TenMillionItemsStayHere",
     "item_count = 10000000\nis_sequential = true\nouter_parallel = true\nlocal_time_hours = 40",
     "S0 S1 T2"},
    {"MoreGoToTheFleet",
     "item_count = 10000001\nis_sequential = true\nouter_parallel = true\nlocal_time_hours = 40",
     "S0 S1 S5 T6"},
    {"OuterParallelCountsInS5WithCuda",
     "item_count = 10000001\nis_sequential = true\nouter_parallel = true\nrequires_cuda = "
     "true\nlocal_time_hours = 40",
     "S0 S1 S5 T3"},
    {"FourHoursStayHere", "data_size_gb = 1\nlocal_time_hours = 4\nis_parallel = true", "S0 T1"},
    {"FleetIsCheapAndQuick",
     "data_size_gb = 1\nlocal_time_hours = 24\nis_parallel = true",
     "S0 S4 T6"},
    {"MoreThanADay", "data_size_gb = 1\nlocal_time_hours = 24.1\nis_parallel = true", "S0 S5 T6"},
    {"FleetForLessThanAHundred",
     "data_size_gb = 1\nlocal_time_hours = 588\nis_parallel = true",
     "S0 S5 T6"},
    {"FleetForAHundred",
     "data_size_gb = 1\nlocal_time_hours = 588.3\nis_parallel = true",
     "S0 S5 T3"},
    {"NotParallelUpToEightHours", "data_size_gb = 1\nlocal_time_hours = 8", "S0 S6 T1"},
    {"NotParallelAndLonger", "data_size_gb = 1\nlocal_time_hours = 8.1", "S0 S6 T6"},
    {"MostlyMlx", "data_size_gb = 1\nmlx_expressible = 'mostly'", "S0 S7 T9"},
    {"MostlyMlxWithoutPython",
     "data_size_gb = 1\nmlx_expressible = 'mostly'\npython_acceptable = false",
     "S0 T1"},
    {"PytorchGoesBeforeMlx",
     "data_size_gb = 1\nmlx_expressible = 'mostly'\nneeds_pytorch_eco = true",
     "S0 S7 T8"},
    {"PytorchAloneDoesNotEnterS7", "data_size_gb = 1\nneeds_pytorch_eco = true", "S0 T1"},
};

INSTANTIATE_TEST_SUITE_P(PlannerRoute,
                         Decided,
                         testing::ValuesIn(kDecisions),
                         [](const auto& info) { return info.param.name; });

TEST(PlannerRoute, AFleetThatCostsTooMuchLeavesWorkHere) {
  PriceList prices = example_prices(kToday);
  Price droplet = *prices.find("digitalocean", "s-8vcpu-16gb-amd");
  droplet.price = 1;
  prices.set({droplet});
  const Placement placement =
      Router(prices, m5(), kToday)
          .route(complete(parse_workload("data_size_gb = 1\nlocal_time_hours = 12\n"
                                         "is_parallel = true",
                                         "w"),
                          m5()));
  EXPECT_EQ(path_of(placement), "S0 S4 T1");
  EXPECT_THAT(alternatives_of(placement), Contains("T6"));
  EXPECT_NEAR(placement.alternatives.front().usd, 12, 1e-9);
}

TEST(PlannerRoute, TheSmallestDropletThatHoldsTheData) {
  EXPECT_EQ(route("data_size_gb = 32\nis_parallel = true").cloud->instance, "m6-4vcpu-32gb");
  EXPECT_EQ(route("data_size_gb = 33\nis_parallel = true").cloud->instance, "m6-8vcpu-64gb");
  const Placement large = route("data_size_gb = 128\nis_parallel = true\nlocal_time_hours = 10");
  EXPECT_EQ(large.cloud->instance, "m6-16vcpu-128gb");
  EXPECT_NEAR(large.cloud->usd, 10.7, 1e-9);
}

TEST(PlannerRoute, NodesAreAsManyAsTheDataNeeds) {
  EXPECT_EQ(route("data_size_gb = 2000\nrequires_cuda = true").cloud->count, 4);
}

TEST(PlannerRoute, StalePricesAreUsedWithAWarning) {
  const auto with_age = [](int days) {
    return Router(example_prices(kToday - std::chrono::days(days)), m5(), kToday)
        .route(complete(parse_workload(example("pbkdf2-4g"), "w"), m5()));
  };
  const Placement fresh = with_age(60);
  EXPECT_THAT(fresh.warnings, testing::Not(Contains(HasSubstr("days old"))));
  const Placement stale = with_age(61);
  EXPECT_THAT(stale.warnings, Contains(HasSubstr("s-8vcpu-16gb-amd is 61 days old (2026-09-20)")));
  EXPECT_NEAR(stale.cloud->usd, 58, 0.1);
  EXPECT_EQ(to_string(stale.prices_as_of), "2026-09-20");
}

TEST(PlannerRoute, TheAnswerRecordsItsPrice) {
  const Json answer = to_json(route(example("pbkdf2-4g")));
  const auto price = std::ranges::find_if(
      answer["assumptions"], [](const Json& assumption) { return assumption["field"] == "price"; });
  ASSERT_NE(price, answer["assumptions"].end());
  EXPECT_EQ((*price)["value"], 0.17);
  EXPECT_THAT((*price)["source"].get<std::string>(), HasSubstr("s-8vcpu-16gb-amd"));
}

TEST(PlannerRoute, TheDocumentHasTheKeysOfTheContract) {
  const Json answer = to_json(route(example("pbkdf2-4g")));
  std::vector<std::string> keys, cloud;
  for (const auto& [key, value] : answer.items()) {
    keys.push_back(key);
  }
  for (const auto& [key, value] : answer["cloud"].items()) {
    cloud.push_back(key);
  }
  EXPECT_EQ(fmt::format("{}", fmt::join(keys, " ")),
            "terminal name path reasons local_hours cloud warnings alternatives assumptions "
            "prices_as_of");
  EXPECT_EQ(fmt::format("{}", fmt::join(cloud, " ")), "provider instance count hours usd");
  EXPECT_EQ(answer["path"], Json::array({"S0", "S1", "S5", "T6"}));
  EXPECT_EQ(answer["name"], "DO_FLEET");
  EXPECT_TRUE(to_json(route(example("sort-10m")))["cloud"].is_null());
}

TEST(PlannerRoute, EveryWorkloadEndsAtATerminalAndEveryTerminalIsReached) {
  std::mt19937 random(7);
  std::set<std::string_view> reached;
  const auto pick = [&](std::initializer_list<double> values) {
    return values.begin()[random() % values.size()];
  };
  for (int i = 0; i < 20000; ++i) {
    WorkloadDescription w;
    w.data_size_gb = pick({0, 0.0005, 1, 16.8, 17, 128, 129, 640, 641, 1e6});
    w.item_count = pick({1, 999, 1000, 1e7, 1e7 + 1, 4e9});
    w.local_time_hours = pick({0, 0.1, 4, 4.1, 8, 8.1, 24, 25, 600, 1e5});
    w.requires_cuda = random() % 4 == 0;
    w.is_sequential = random() % 4 == 0;
    w.is_parallel = !*w.is_sequential && random() % 2 == 0;
    w.outer_parallel = random() % 2 == 0;
    w.chunkable = random() % 2 == 0;
    w.mlx_expressible = static_cast<MlxCoverage>(random() % 3);
    w.needs_custom_gpu = *w.mlx_expressible != MlxCoverage::kAll && random() % 2 == 0;
    w.needs_pytorch_eco = random() % 4 == 0;
    w.python_acceptable = random() % 2 == 0;
    static const Router router(example_prices(kToday), m5(), kToday);
    const Placement placement = router.route(complete(w, m5()));
    reached.insert(placement.terminal->id);
    EXPECT_EQ(placement.cloud.has_value(), placement.terminal->place == Place::kCloud);
    EXPECT_NO_THROW(to_json(placement).dump());
  }
  EXPECT_EQ(reached.size(), terminals().size());
}

TEST(PlannerRoute, TheTablesAreWhole) {
  std::set<std::string_view> ids, targets;
  for (const State& state : states()) {
    ids.insert(state.id);
    for (const Branch& branch : state.branches) {
      targets.insert(branch.to);
    }
  }
  for (const Terminal& terminal : terminals()) {
    EXPECT_TRUE(ids.insert(terminal.id).second);
    EXPECT_FALSE(terminal.advice.empty());
  }
  ids.erase("S0");
  EXPECT_EQ(targets, ids);
}

TEST(PlannerRoute, TheDiagramHasEveryBranch) {
  const std::string diagram = mermaid_diagram();
  size_t branches = 0;
  for (const State& state : states()) {
    branches += state.branches.size();
  }
  size_t arrows = 0;
  for (size_t at = 0; (at = diagram.find(". ", at)) != std::string::npos; ++at) {
    ++arrows;
  }
  EXPECT_EQ(arrows, branches);
  EXPECT_THAT(diagram, HasSubstr("S5 --> T6: 1. "));
  EXPECT_THAT(diagram, HasSubstr("T9: T9 MLX_METAL_HYBRID"));
  EXPECT_EQ(diagram.find('<'), std::string::npos);
}

TEST(PlannerRoute, AMissingPriceIsNamed) {
  EXPECT_THROW(Router(PriceList(), m5(), kToday), Error);
}

}  // namespace
}  // namespace ingot::planner
