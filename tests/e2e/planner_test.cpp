// Placement, estimates, prices and hand-over, driven as a user would, with the user's folders
// empty.
#include <algorithm>
#include <map>

#include "fmt/format.h"

#include "gmock/gmock.h"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using testing::HasSubstr;

const std::string kFleet =
    R"({"item_count": 4294967296, "local_rate": 3500, "is_sequential": true, "outer_parallel": true})";

class PlannerCli : public ProgramTest {
 protected:
  PlannerCli() { write("fleet.json", kFleet); }

  // `ingot` with the user's folders in this test's.
  Outcome run(const std::string& line) const {
    return shell("export XDG_CONFIG_HOME=$PWD/config XDG_DATA_HOME=$PWD/data; " + line);
  }

  std::map<std::string, std::string> tree(const std::string& directory) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path(directory))) {
      files[entry.path().filename().string()] =
          text(directory + "/" + entry.path().filename().string());
    }
    return files;
  }
};

TEST_F(PlannerCli, RoutesAFileAndStandardInput) {
  const auto answer = run("ingot route fleet.json --json").json();
  EXPECT_EQ(answer["terminal"], "T6");
  EXPECT_EQ(answer["path"], nlohmann::json({"S0", "S1", "S5", "T6"}));
  EXPECT_NEAR(answer["cloud"]["usd"], 57.948, 0.001);
  EXPECT_EQ(run("ingot route - --json < fleet.json").json(), answer);
  const Outcome text = run("echo 'item_count = 200' | ingot route -");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("T0 CPU_INLINE"));
  EXPECT_THAT(run("ingot route fleet.json").out, HasSubstr("~22.7 h, ~$58"));
}

TEST_F(PlannerCli, AnswersEachLineWithALine) {
  write("lines", kFleet + "\n{\"item_cuont\": 1}\n\nnot json\n{\"item_count\": 5}");
  const Outcome outcome = run("ingot route --jsonl lines");
  EXPECT_EQ(outcome.exit_code, 1);
  std::vector<nlohmann::json> answers;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    answers.push_back(nlohmann::json::parse(line));
  }
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[0]["terminal"], "T6");
  EXPECT_EQ(answers[1]["error"]["remedy"], "did you mean item_count?");
  EXPECT_TRUE(answers[2].contains("error"));
  EXPECT_TRUE(answers[3].contains("error"));
  EXPECT_EQ(answers[4]["terminal"], "T0");
  EXPECT_EQ(run("printf '{\"item_count\": 5}\\n' | ingot route --jsonl -").exit_code, 0);
  EXPECT_EQ(run("ingot route --jsonl nothing").exit_code, 1);
}

TEST_F(PlannerCli, ManyLinesKeepTheirOrder) {
  std::string lines;
  for (int i = 1; i <= 20000; ++i) {
    lines += fmt::format("{{\"item_count\": {}, \"local_time_hours\": 1}}\n", i);
  }
  write("lines", lines);
  const Outcome outcome = run("cat lines | ingot route --jsonl -");
  ASSERT_EQ(outcome.exit_code, 0);
  std::istringstream answers(outcome.out);
  int count = 0;
  for (std::string line; std::getline(answers, line);) {
    ++count;
    EXPECT_THAT(line, HasSubstr(count < 1000 ? "\"T0\"" : "\"T1\""));
  }
  EXPECT_EQ(count, 20000);
}

TEST_F(PlannerCli, RoutesWhatIsDescribedByWhatItIs) {
  const auto matmul =
      run("ingot route --op matmul --shape 50000x50000x50000 --with machine_ram_gb=24 --json")
          .json();
  EXPECT_EQ(matmul["path"], nlohmann::json({"S0", "S3", "T1"}));
  EXPECT_THAT(matmul["warnings"].dump(), HasSubstr("30 GB do not fit"));
  const auto unlike =
      run("ingot route --op matmul --shape 50000x50000x50000 --with machine_ram_gb=24 "
          "--with chunkable=false --json");
  EXPECT_EQ(unlike.json()["terminal"], "T5");
  EXPECT_EQ(run("ingot route --pipeline vector-search --size 1M --json").exit_code, 0);
  const auto search =
      run("ingot route --pipeline vector-search --shape 1000000x128x2000 --json").json();
  EXPECT_EQ(search["assumptions"][0]["field"], "item_count");
  EXPECT_EQ(search["assumptions"][0]["value"], 2000.0);
  EXPECT_NEAR(search["assumptions"][1]["value"].get<double>(), 0.513264, 1e-9);
  const auto mlx = run("ingot route --op softmax --with mlx_expressible=mostly --json");
  EXPECT_EQ(mlx.json()["terminal"], "T9") << mlx.out;
}

TEST_F(PlannerCli, TheDiagramIsMermaid) {
  EXPECT_TRUE(run("ingot route --diagram").out.starts_with("stateDiagram-v2\n"));
}

TEST_F(PlannerCli, WrongUsageExitsWithTwo) {
  write("bad.json", R"({"item_count": -1})");
  write("unknown.toml", "data_size = 3\n");
  write("both.json", R"({"item_count": 1, "is_sequential": true, "is_parallel": true})");
  write("bytes.json", "{\"\xff\": 1}");
  const std::pair<std::string, std::string> kCases[] = {
      {"ingot route", "workload is missing"},
      {"ingot route bad.json", "-1 is negative"},
      {"ingot route unknown.toml", "did you mean data_size_gb?"},
      {"ingot route both.json", "outer_parallel"},
      {"ingot route bytes.json", "not valid JSON"},
      {"ingot route nothing.json", "nothing.json"},
      {"ingot route --op nonsense", "did you mean"},
      {"ingot route --op matmul --shape 5x5", "q x d x n"},
      {"ingot route --pipeline vector-search --shape 5x5", "n x d x q"},
      {"ingot estimate vector-search --shape 5x5x5 --profile m4", "10 neighbours of 5 rows"},
      {"ingot estimate vector-search --param kk=5 --profile m4", "recall_queries"},
      {"ingot estimate vector-search --param k=5 --param k=5 --profile m4", "given twice"},
      {"ingot route --op matmul --with items=3", "is not a field"},
      {"ingot route fleet.json --with item_count=3", "--with"},
      {"ingot route fleet.json --emit nomad -o x", "nomad"},
      {"ingot route fleet.json --emit slurm", "-o"},
      {"ingot route fleet.json --emit slurm -o x --name 'A b'", "A b"},
      {"ingot estimate", "missing"},
      {"ingot estimate SOFTMAX --profile m44", "m44"},
      {"ingot estimate SOFTMAX --profile m4 --model best", "best"},
      {"ingot estimate SOFTMAX --profile m4 --size lots", "lots"},
      {"ingot calibrate --device abacus", "abacus"},
      {"ingot prices", "command"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 0", "0 is not a price"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 cheap", "cheap"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 2000", "outlier"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 24 --date soon", "soon"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 24 --memory-gb nan", "not a size"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 24 --vcpus=-1", "not a size"},
      {"ingot prices set lambda gpu_8x_h100_sxm5 -24", "-24"},
      {"ingot prices set nobody nothing 1", "--memory-gb"},
      {"ingot route fleet.json --op softmax", "excludes"},
      {"ingot route --op softmax --pipeline vector-search", "excludes"},
      {"ingot prices import fleet.json --provider x", "has no column"}};
  for (const auto& [line, wanted] : kCases) {
    const Outcome outcome = run(line);
    EXPECT_EQ(outcome.exit_code, 2) << line << "\n" << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(wanted)) << line;
    const Outcome json = run(line + " --json");
    EXPECT_EQ(json.exit_code, 2) << line;
    EXPECT_TRUE(json.json()["error"].contains("remedy")) << line << "\n" << json.out;
  }
  EXPECT_FALSE(std::filesystem::exists(path("config")));
  EXPECT_FALSE(std::filesystem::exists(path("x")));
}

TEST_F(PlannerCli, AUsersPriceIsUsed) {
  EXPECT_EQ(run("ingot prices set digitalocean s-8vcpu-16gb-amd 0.5").exit_code, 0);
  const auto answer = run("ingot route fleet.json --json").json();
  EXPECT_EQ(answer["terminal"], "T3");  // the fleet costs 170 dollars now
  EXPECT_THAT(answer["alternatives"].dump(), HasSubstr("DO_FLEET"));
  const auto prices = run("ingot prices list --json").json()["prices"];
  const auto droplet = std::find_if(prices.begin(), prices.end(), [](const auto& price) {
    return price["instance"] == "s-8vcpu-16gb-amd";
  });
  EXPECT_EQ((*droplet)["price"], 0.5);
  EXPECT_EQ((*droplet)["vcpus"], 8.0);
  EXPECT_EQ((*droplet)["stale"], false);
}

TEST_F(PlannerCli, ACatalogueIsImported) {
  write("vms.csv",
        "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,"
        "SpotPrice\n"
        "gpu_8x_h100_sxm5,H100,8,208,1800,25.5,us-east-1,,\n"
        "gpu_1x,H100,1,26,200,0,us-east-1,,\n");
  const auto imported = run("ingot prices import vms.csv --provider lambda --json").json();
  EXPECT_EQ(imported["imported"], 1);
  EXPECT_THAT(imported["refused"].dump(), HasSubstr("line 3"));
  EXPECT_THAT(run("ingot prices list").out, HasSubstr("25.50"));
  write("none.csv", "InstanceType,vCPUs,MemoryGiB,Price,Region\na,1,2,0,r\n");
  EXPECT_EQ(run("ingot prices import none.csv --provider x").exit_code, 1);
}

TEST_F(PlannerCli, NamesThatAreNotTextStayReadable) {
  EXPECT_EQ(run("ingot prices set x $(printf 'a\\377\"b') 1 --memory-gb 4 --vcpus 2").exit_code, 0);
  EXPECT_EQ(run("ingot prices list --json").json()["prices"].back()["provider"], "x");
}

TEST_F(PlannerCli, ADamagedPriceFileIsNamed) {
  std::filesystem::create_directories(path("config/ingot"));
  write("config/ingot/providers.toml", "[[price]]\nprovidr = \"x\"\n");
  const Outcome outcome = run("ingot route fleet.json");
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean provider?"));
  EXPECT_THAT(outcome.err, HasSubstr("providers.toml"));
}

TEST_F(PlannerCli, EstimatesOnOtherMachinesAndOnThisOneOnceCalibrated) {
  const auto m4 = run("ingot estimate REDUCE_SUM --size 100M --profile m4-max --json").json();
  EXPECT_NEAR(m4["seconds"], 10e-6 + 0.4 / (546 * 0.9), 1e-6);
  EXPECT_EQ(m4["bound"], "memory");
  EXPECT_EQ(run("ingot estimate REDUCE_SUM").exit_code, 1);
  EXPECT_THAT(run("ingot estimate REDUCE_SUM").err, HasSubstr("ingot calibrate"));
  EXPECT_EQ(run("ingot bench REDUCE_SUM --size 1k --estimate --device cpu").exit_code, 1);
  const auto calibrated = run("ingot calibrate --device cpu --seconds 1 --json").json();
  EXPECT_GT(calibrated["copy_bytes_per_second"], 0.0);
  EXPECT_GT(calibrated["triad_bytes_per_second"], 0.0);
  EXPECT_GT(calibrated["f16_flops_per_second"], 0.0);
  EXPECT_GT(calibrated["launch_seconds"], 0.0);
  EXPECT_EQ(run("ingot estimate REDUCE_SUM --json").json()["profile"], "cpu");
  const auto answer = run("echo 'item_count = 1000000' | ingot route - --json").json();
  EXPECT_THAT(answer["assumptions"].dump(), HasSubstr("calibration of cpu"));
  const auto bench =
      run("ingot bench REDUCE_SUM --size 1k --seconds 0 --estimate --device cpu --json").json();
  EXPECT_GT(bench["kernels"][0]["estimated_seconds"], 0.0);
}

TEST_F(PlannerCli, HandOverNeedsAnEmptyDirectoryThatCanBeWritten) {
  EXPECT_EQ(run("ingot route fleet.json --emit slurm -o out").exit_code, 0);
  const auto before = tree("out");
  EXPECT_EQ(run("ingot route fleet.json --emit script -o out").exit_code, 1);
  EXPECT_EQ(tree("out"), before);
  EXPECT_EQ(run("ingot route fleet.json --emit script -o no/such/out").exit_code, 1);
  EXPECT_EQ(files(), (std::set<std::string>{"fleet.json", "out"}));
}

// Every shard is computed on "another machine", a folder reached by a false ssh, and comes home.
TEST_F(PlannerCli, ShardsCoverTheItemsAndComeHome) {
  write(
      "small.json",
      R"({"item_count": 10000007, "local_time_hours": 40, "is_sequential": true, "outer_parallel": true})");
  ASSERT_EQ(run("ingot route small.json --emit script -o job --setup 'touch was-set-up' "
                "--command 'echo $begin $end > $output'")
                .exit_code,
            0);
  std::filesystem::create_directory(path("bin"));
  write("bin/ssh",
        "#!/bin/bash\nwhile [[ $1 == -o ]]; do shift 2; done\nhost=$1; shift\n"
        "mkdir -p \"$HOSTS/$host\" && cd \"$HOSTS/$host\" && exec bash -c \"$*\"\n");
  write("bin/curl", "#!/bin/bash\necho \"$@\" >> \"$HOSTS/curl\"\n");
  std::string hosts;
  for (int host = 0; host < 15; ++host) {
    hosts += fmt::format("root@host{}\n", host);
  }
  const std::string environment =
      "chmod +x bin/*; export HOSTS=$PWD/hosts DIGITALOCEAN_TOKEN=t PATH=$PWD/bin:$PATH; mkdir -p "
      "hosts; ";
  EXPECT_EQ(run(environment + "job/run.sh").exit_code, 2);  // no hosts.txt
  write("job/hosts.txt", hosts);
  EXPECT_EQ(run(environment + "job/teardown.sh").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("hosts/curl")));  // nothing is home yet
  const Outcome outcome = run(environment + "job/run.sh");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err << text("job/logs/0.log");
  EXPECT_THAT(text("hosts/curl"), HasSubstr("droplets?tag_name=ingot-job"));
  EXPECT_TRUE(std::filesystem::exists(path("hosts/root@host14/job/was-set-up")));
  int64_t next = 0;
  for (int rank = 0; rank < 15; ++rank) {
    int64_t begin = -1;
    int64_t end = -1;
    std::istringstream(text(fmt::format("job/results/{}.out", rank))) >> begin >> end;
    EXPECT_EQ(begin, next);
    EXPECT_TRUE(end - begin == 666667 || end - begin == 666668) << end - begin;
    next = end;
  }
  EXPECT_EQ(next, 10000007);
  write("job/results/3.out", "damaged");
  EXPECT_EQ(run(environment + "job/check_home.sh").exit_code, 1);
  EXPECT_EQ(run(environment + "job/teardown.sh --force").exit_code, 0);
}

}  // namespace
}  // namespace ingot
