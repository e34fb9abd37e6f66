// The files for other engines: what they say, and that they are all there or not at all.
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "planner/handover.hpp"
#include "planner/machine.hpp"

namespace ingot::planner {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

struct Placed {
  Workload workload;
  Placement placement;
};

Placed placed(std::string_view description) {
  const LocalMachine m5 = machine_of(find_profile("m5"), 24);
  const Workload workload = complete(parse_workload(description, "w"), m5);
  return {workload, Router(PriceList::built_in(), m5, today()).route(workload)};
}

constexpr std::string_view kFleet =
    "item_count = 4294967296\nlocal_rate = 3500\nis_sequential = true\nouter_parallel = true";
constexpr std::string_view kCuda =
    "data_size_gb = 28\nrequires_cuda = true\nlocal_time_hours = 900";
constexpr std::string_view kNodes =
    "data_size_gb = 2000\nrequires_cuda = true\nlocal_time_hours = 900";
constexpr std::string_view kDroplet =
    "data_size_gb = 100\nis_parallel = true\nlocal_time_hours = 3";

std::string text_of(const std::vector<EmittedFile>& files, std::string_view name) {
  const auto file = std::ranges::find(files, name, &EmittedFile::name);
  return file == files.end() ? "" : file->text;
}

std::vector<EmittedFile> emitted(std::string_view description, Engine engine) {
  const Placed place = placed(description);
  return hand_over(place.placement, place.workload, engine, {});
}

std::string refusal(std::string_view description,
                    Engine engine,
                    const HandOverOptions& options = {}) {
  const Placed place = placed(description);
  try {
    hand_over(place.placement, place.workload, engine, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(PlannerHandOver, NothingOfATemplateIsLeft) {
  for (const std::string_view description : {kFleet, kCuda, kNodes, kDroplet}) {
    for (const Engine engine :
         {Engine::kSkypilot, Engine::kSlurm, Engine::kTerraform, Engine::kScript}) {
      if (!refusal(description, engine).empty()) {
        continue;
      }
      std::set<std::string> names;
      for (const EmittedFile& file : emitted(description, engine)) {
        EXPECT_TRUE(names.insert(file.name).second) << file.name;
        EXPECT_THAT(file.text, Not(testing::ContainsRegex("@[A-Z_]+@"))) << file.name;
        EXPECT_EQ(file.executable, file.name.ends_with(".sh") && file.name != "command.sh")
            << file.name;
      }
      for (const char* name :
           {"run.sh", "teardown.sh", "check_home.sh", "run_shard.sh", "README.md"}) {
        EXPECT_TRUE(names.contains(name)) << name;
      }
    }
  }
}

TEST(PlannerHandOver, SkypilotTasksNameTheMachines) {
  const std::string fleet = text_of(emitted(kFleet, Engine::kSkypilot), "task.yaml");
  EXPECT_THAT(fleet, HasSubstr("num_nodes: 15\n"));
  EXPECT_THAT(fleet, HasSubstr("  infra: do\n  cpus: 8+\n  memory: 16+\n"));
  EXPECT_THAT(fleet, HasSubstr("    down: true\n"));
  EXPECT_THAT(fleet, Not(HasSubstr("CUDA_VISIBLE_DEVICES")));
  const std::string cuda = text_of(emitted(kCuda, Engine::kSkypilot), "task.yaml");
  EXPECT_THAT(
      cuda,
      HasSubstr("  infra: lambda\n  instance_type: gpu_8x_h100_sxm5\n  accelerators: H100:8\n"));
  EXPECT_THAT(
      cuda,
      HasSubstr("CUDA_VISIBLE_DEVICES=$slot ./run_shard.sh $((SKYPILOT_NODE_RANK * 8 + slot))"));
  EXPECT_THAT(text_of(emitted(kNodes, Engine::kSkypilot), "task.yaml"),
              HasSubstr("num_nodes: 4\n"));
}

TEST(PlannerHandOver, SlurmDealsOneTaskToEachGpu) {
  const std::string job = text_of(emitted(kNodes, Engine::kSlurm), "job.sbatch");
  EXPECT_THAT(job, HasSubstr("#SBATCH --array=0-31\n"));
  EXPECT_THAT(job, HasSubstr("#SBATCH --gres=gpu:1\n"));
  const std::string fleet = text_of(emitted(kFleet, Engine::kSlurm), "job.sbatch");
  EXPECT_THAT(fleet, HasSubstr("#SBATCH --array=0-14\n"));
  EXPECT_THAT(fleet, HasSubstr("#SBATCH --cpus-per-task=8\n#SBATCH --mem=14G\n"));
  EXPECT_THAT(fleet, HasSubstr("#SBATCH --time=1-10:06:00\n"));  // half as much again as 22.7 h
}

TEST(PlannerHandOver, TerraformMakesTheFleetWithItsTag) {
  const std::vector<EmittedFile> files = emitted(kFleet, Engine::kTerraform);
  EXPECT_THAT(text_of(files, "main.tf"), HasSubstr("count    = 15\n"));
  EXPECT_THAT(text_of(files, "main.tf"), HasSubstr("size     = \"s-8vcpu-16gb-amd\""));
  EXPECT_THAT(text_of(files, "teardown.sh"), HasSubstr("droplets?tag_name=ingot-job"));
  EXPECT_THAT(text_of(files, "run.sh"), HasSubstr("sed 's/^/root@/'"));
  EXPECT_THAT(text_of(files, "run.sh"), HasSubstr("${DIGITALOCEAN_TOKEN:?"));
}

TEST(PlannerHandOver, TerraformMakesNodesAtAws) {
  const std::vector<EmittedFile> files = emitted(kNodes, Engine::kTerraform);
  const std::string main = text_of(files, "main.tf");
  EXPECT_THAT(main, HasSubstr("source  = \"hashicorp/aws\""));
  EXPECT_THAT(main, HasSubstr("resource \"aws_instance\" \"worker\""));
  EXPECT_THAT(main, HasSubstr("= 4\n"));
  EXPECT_THAT(main, HasSubstr("instance_type          = \"p5.48xlarge\""));
  EXPECT_THAT(main, HasSubstr("default     = \"us-east-1\""));
  EXPECT_THAT(text_of(files, "run.sh"), HasSubstr("sed 's/^/ubuntu@/'"));
  EXPECT_THAT(text_of(files, "run.sh"), Not(HasSubstr("DIGITALOCEAN")));
  EXPECT_THAT(text_of(files, "teardown.sh"), HasSubstr("check_home.sh\nterraform destroy"));
}

TEST(PlannerHandOver, TerraformHasNoProviderForLambda) {
  EXPECT_THAT(refusal(kCuda, Engine::kTerraform), HasSubstr("LAMBDA_H100 is at lambda"));
  EXPECT_THAT(refusal(kCuda, Engine::kTerraform), HasSubstr("use skypilot"));
}

TEST(PlannerHandOver, TheReadmeRepeatsTheWarnings) {
  const Placed place = placed(kFleet);
  for (const Engine engine :
       {Engine::kSkypilot, Engine::kSlurm, Engine::kTerraform, Engine::kScript}) {
    const std::string readme =
        text_of(hand_over(place.placement, place.workload, engine, {}), "README.md");
    for (const std::string& warning : place.placement.warnings) {
      EXPECT_THAT(readme, HasSubstr(warning));
    }
    EXPECT_THAT(readme, HasSubstr("ALWAYS VERIFY"));
  }
}

TEST(PlannerHandOver, EachProviderHasItsTeardown) {
  EXPECT_THAT(text_of(emitted(kCuda, Engine::kScript), "teardown.sh"),
              HasSubstr("instance-operations/terminate"));
  EXPECT_THAT(text_of(emitted(kNodes, Engine::kScript), "teardown.sh"),
              HasSubstr("terminate-instances"));
  EXPECT_THAT(text_of(emitted(kDroplet, Engine::kScript), "teardown.sh"),
              HasSubstr("api.digitalocean.com"));
}

TEST(PlannerHandOver, RefusesWhatCannotBeHandedOver) {
  EXPECT_THAT(refusal("item_count = 10", Engine::kScript), HasSubstr("runs on this machine"));
  for (const char* name : {"", "Job", "a b", "-a", "a-", "1a", "a;b"}) {
    EXPECT_THAT(refusal(kFleet, Engine::kScript, {.name = name}), HasSubstr("cannot be the name"))
        << name;
  }
  EXPECT_THAT(refusal(kFleet, Engine::kScript, {.command = "a\nb"}), HasSubstr("--command"));
  EXPECT_THAT(refusal(kFleet, Engine::kSkypilot, {.setup = "a\tb"}), HasSubstr("--setup"));
  EXPECT_THROW(parse_engine("kubernetes"), Error);
}

class HandOverFiles : public testing::Test {
 protected:
  HandOverFiles() {
    std::string name = (fs::temp_directory_path() / "ingot-handover-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~HandOverFiles() override { fs::remove_all(root_); }

  std::set<std::string> entries(const fs::path& directory) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  const std::vector<EmittedFile> files_ = {{"a.sh", "echo a\n", true}, {"b.txt", "b\n", false}};
  fs::path root_;
};

TEST_F(HandOverFiles, AppearTogether) {
  write_directory((root_ / "out").string(), files_);
  EXPECT_EQ(entries(root_), std::set<std::string>{"out"});
  EXPECT_EQ(entries(root_ / "out"), (std::set<std::string>{"a.sh", "b.txt"}));
  EXPECT_EQ(access((root_ / "out/a.sh").c_str(), X_OK), 0);
  EXPECT_NE(fs::status(root_ / "out/b.txt").permissions() & fs::perms::owner_exec,
            fs::perms::owner_exec);
}

TEST_F(HandOverFiles, ReplaceAnEmptyDirectoryOnly) {
  fs::create_directory(root_ / "empty");
  EXPECT_NO_THROW(write_directory((root_ / "empty").string(), files_));
  EXPECT_THROW(write_directory((root_ / "empty").string(), files_), Error);
  EXPECT_EQ(entries(root_), std::set<std::string>{"empty"});
  std::ofstream(root_ / "file") << "x";
  EXPECT_THROW(write_directory((root_ / "file").string(), files_), Error);
}

TEST_F(HandOverFiles, LeaveNothingWhenOneCannotBeWritten) {
  EXPECT_THROW(
      write_directory((root_ / "out").string(), {{"a", "", false}, {"no/such/b", "", false}}),
      Error);
  EXPECT_THROW(write_directory((root_ / "no/such/out").string(), files_), Error);
  EXPECT_TRUE(entries(root_).empty());
}

}  // namespace
}  // namespace ingot::planner
