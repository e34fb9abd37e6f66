// The program `ingot`.
#include "cli/command.hpp"

#include "catalogue/catalogue.hpp"
#include "pipelines/pipeline.hpp"
#include "planner/profiles.hpp"
#include "program/program.hpp"
#include "select/routing.hpp"
#if INGOT_HAS_SOFTMETAL
#include "softmetal/tool/commands.hpp"
#endif

namespace {

std::vector<std::string> completions(const std::string& placeholder) {
  using namespace ingot;
  std::vector<std::string> words;
  if (placeholder == cli::kKernelValue) {
    for (const KernelRecord* record : catalogue()) {
      words.emplace_back(record->id);
    }
  } else if (placeholder == cli::kProfileValue) {
    for (const planner::DeviceProfile& profile : planner::profiles()) {
      words.push_back(profile.id);
    }
  } else if (placeholder == cli::kPipelineValue) {
    for (const PipelineRecord* record : pipelines()) {
      words.emplace_back(record->name);
    }
  } else if (placeholder == cli::kDeviceValue) {
    words = {"auto", "cpu", "metal", "cuda", "softmetal"};
  } else if (placeholder == cli::kOperationValue) {
    for (const Rule& rule : routing()) {
      words.insert(words.end(), rule.operations.begin(), rule.operations.end());
    }
#if INGOT_HAS_SOFTMETAL
  } else {
    words = softmetal::tool::completions(placeholder);
#endif
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ingot::cli;
  Program program("ingot",
                  "Ingot: GPU kernels written once in Metal, run on Apple GPUs and any CPU",
                  INGOT_VERSION);
  CLI::App& app = program.app;
  Common& common = program.common;
  app.footer(
      "\nExamples:\n"
      "  ingot devices\n"
      "  ingot kernels show REDUCE_SUM\n"
      "  ingot run REDUCE_SUM --in x=random:f32:1000000\n"
      "\nExit codes: 0 done, 1 failed, 2 wrong usage. 'ingot COMMAND --help' tells more.");
  add_kernels(app, common);
  add_run(app, common);
  add_select(app, common);
  add_devices(app, common);
  add_pipeline(app, common);
  add_bench(app, common);
  add_route(app, common);
  add_health(app, common);
  add_prices(app, common);
  add_estimate(app, common);
  add_calibrate(app, common);
  add_watch(app, common);
  add_doctor(app, common);
#if INGOT_HAS_SOFTMETAL
  add_msl(app, common);
#endif
  add_init(app, common);
  add_check(app, common);
  add_mcp(app, common);
  add_version(app, common);
  add_completion(app, common, completions);
  return program.run(argc, argv);
}
