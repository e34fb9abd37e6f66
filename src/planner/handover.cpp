#include "planner/handover.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/embedded.hpp"
#include "core/text.hpp"
#include "planner/refuse.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> handover_templates;  // ingot_embed() makes it
}

namespace planner {
namespace {

std::string_view template_text(std::string_view name) {
  const auto file = std::ranges::find(embedded::handover_templates, name, &EmbeddedFile::path);
  if (file == embedded::handover_templates.end()) {
    throw Error(ErrorCode::kInternal, std::string(name), "is not in the library");
  }
  return file->text;
}

// A file of an engine: its name, the template it is made from, and whether it is run.
struct Part {
  std::string_view name;
  std::string_view made_from;
  bool executable;
};

// What the official Terraform provider of a provider needs. Lambda has none.
struct Terraform {
  std::string_view provider;
  std::string_view main;      // template
  std::string_view teardown;  // template
  std::string_view needed;    // the line of run.sh that asks for what must be set
  std::string_view user;      // of SSH, on the image that `main` takes
};
constexpr Terraform kTerraform[] = {
    {"digitalocean",
     "terraform_digitalocean.tf",
     "droplets_teardown.sh",
     R"(: "${DIGITALOCEAN_TOKEN:?set it to an API token}" )"
     R"("${TF_VAR_ssh_key:?set it to the fingerprint of an SSH key}")",
     "root"},
    {"aws",
     "terraform_aws.tf",
     "terraform_teardown.sh",
     R"(: "${TF_VAR_key_name:?set it to the name of an EC2 key pair}" )"
     R"("${TF_VAR_ssh_from:?set it to the addresses that may connect: 203.0.113.7/32}")",
     "ubuntu"}};

// nullptr: the provider is not served.
const Terraform* terraform_of(std::string_view provider) {
  const auto found = std::ranges::find(kTerraform, provider, &Terraform::provider);
  return found == std::end(kTerraform) ? nullptr : &*found;
}

std::vector<Part> parts_of(Engine engine, std::string_view provider) {
  const std::string_view teardown = provider == "lambda" ? "lambda_teardown.sh"
                                    : provider == "aws"  ? "aws_teardown.sh"
                                                         : "droplets_teardown.sh";
  switch (engine) {
    case Engine::kSkypilot:
      return {{"task.yaml", "skypilot_task.yaml", false},
              {"run.sh", "skypilot_run.sh", true},
              {"teardown.sh", "skypilot_teardown.sh", true}};
    case Engine::kSlurm:
      return {{"job.sbatch", "slurm_job.sbatch", false},
              {"run.sh", "slurm_run.sh", true},
              {"teardown.sh", "slurm_teardown.sh", true}};
    case Engine::kTerraform: {
      const Terraform& terraform = *terraform_of(provider);
      return {{"main.tf", terraform.main, false},
              {"run.sh", "terraform_run.sh", true},
              {"run_hosts.sh", "run_hosts.sh", true},
              {"teardown.sh", terraform.teardown, true}};
    }
    case Engine::kScript:
      break;
  }
  return {{"run.sh", "script_run.sh", true},
          {"run_hosts.sh", "run_hosts.sh", true},
          {"teardown.sh", teardown, true}};
}

// Hours and minutes for sbatch, with room: half as much again, at least ten minutes, at most a
// year.
std::string time_limit(double hours) {
  const auto minutes =
      static_cast<int64_t>(std::clamp(std::ceil(hours * 1.5 * 60), 10.0, 365.0 * 24 * 60));
  return fmt::format("{}-{:02}:{:02}:00", minutes / 1440, minutes / 60 % 24, minutes % 60);
}

std::string skypilot_resources(const CloudPlan& cloud, int gpus) {
  const std::string_view infra =
      cloud.provider == "digitalocean" ? "do" : std::string_view(cloud.provider);
  if (gpus > 0) {
    return fmt::format("  infra: {}\n  instance_type: {}\n  accelerators: {}:{}",
                       infra,
                       cloud.instance,
                       cloud.price.accelerator,
                       gpus);
  }
  return fmt::format("  infra: {}\n  cpus: {:g}+\n  memory: {:g}+",
                     infra,
                     cloud.price.vcpus,
                     cloud.price.memory_gb);
}

using Values = std::map<std::string, std::string, std::less<>>;

// Puts the values in the places of @NAMES@.
std::string filled(std::string_view text, const Values& values) {
  std::string result;
  while (true) {
    const size_t begin = text.find('@');
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) {
      return result;
    }
    text.remove_prefix(begin);
    const size_t end = text.find('@', 1);
    const auto value =
        end == std::string_view::npos ? values.end() : values.find(text.substr(1, end - 1));
    if (value == values.end()) {
      result += '@';  // an address or an image's name
      text.remove_prefix(1);
    } else {
      result += value->second;
      text.remove_prefix(end + 1);
    }
  }
}

void check(const Placement& placement, Engine engine, const HandOverOptions& options) {
  const Terminal& terminal = *placement.terminal;
  if (!placement.cloud) {
    refuse(fmt::format("{} {}", terminal.id, terminal.name),
           "runs on this machine: there is nothing to hand over",
           std::string(terminal.advice));
  }
  if (engine == Engine::kTerraform && terraform_of(placement.cloud->provider) == nullptr) {
    refuse("terraform",
           fmt::format("{} is at {}, which has no official provider for it",
                       terminal.name,
                       placement.cloud->provider),
           "use skypilot");
  }
  const bool plain = !options.name.empty() && options.name.size() <= 40 &&
                     options.name.front() >= 'a' && options.name.front() <= 'z' &&
                     options.name.back() != '-' && std::ranges::all_of(options.name, [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                     });
  if (!plain) {
    refuse("--name",
           fmt::format("'{}' cannot be the name of a job", options.name),
           "use a-z, 0-9 and '-', beginning with a letter, at most 40");
  }
  for (const std::string* text : {&options.command, &options.setup}) {
    if (std::ranges::any_of(*text, [](unsigned char c) { return c < 0x20; })) {
      refuse(text == &options.command ? "--command" : "--setup",
             "has a line break or control character",
             "put it into a script of your own");
    }
  }
}

std::string readme(const Placement& placement, Engine engine, const Values& values) {
  const CloudPlan& cloud = *placement.cloud;
  std::string text = fmt::format(
      "# {}: {} {}\n\n{}\n\n{}\n\n"
      "- Here: {:.3g} hours. {}: {} x {}, about {:.3g} hours and {:.2f} dollars, at {:.2f} dollars "
      "an hour "
      "each ({}).\n- Items: {}, in {} shards.\n\n",
      values.at("NAME"),
      placement.terminal->id,
      placement.terminal->name,
      placement.terminal->advice,
      placement.tell,
      placement.local_hours,
      cloud.provider,
      cloud.count,
      cloud.instance,
      cloud.hours,
      cloud.usd,
      cloud.price.price,
      to_string(cloud.price.date),
      values.at("ITEMS"),
      values.at("SHARDS"));
  text += "## Warnings\n\n";
  for (const std::string& warning : placement.warnings) {
    text += fmt::format("- {}\n", warning);
  }
  text += fmt::format(
      "\n## Use\n\n"
      "1. Put your program here. `command.sh` says how one shard is computed; its range is in "
      "`$begin` and `$end`,\n"
      "   its result goes to `$output`. What must be built or installed is done by `{}` on each "
      "machine.\n"
      "2. `./run.sh` runs it by {}, brings the results to `results/` and checks them.\n"
      "3. `./check_home.sh` says whether all results are home; `./teardown.sh` asks it before it "
      "takes anything down.\n"
      "   `./teardown.sh --force` does not ask: use it to give up.\n",
      values.at("SETUP"),
      to_string(engine));
  if (engine == Engine::kScript) {
    text += fmt::format("\nBefore: rent {} x {} {}", cloud.count, cloud.provider, cloud.instance);
    text += cloud.provider == "digitalocean" ? fmt::format(" with the tag {}", values.at("NAME"))
                                             : std::string(", with their ids in `instances.txt`");
    text += ", and write their ssh destinations to `hosts.txt`.\n";
  }
  return text;
}

}  // namespace

Engine parse_engine(std::string_view text) {
  for (const Engine engine :
       {Engine::kSkypilot, Engine::kSlurm, Engine::kTerraform, Engine::kScript}) {
    if (text == to_string(engine)) {
      return engine;
    }
  }
  refuse("--emit",
         fmt::format("there are no files for '{}'", text),
         suggestion(text, {"skypilot", "slurm", "terraform", "script"}));
}

std::string_view to_string(Engine engine) {
  switch (engine) {
    case Engine::kSkypilot:
      return "skypilot";
    case Engine::kSlurm:
      return "slurm";
    case Engine::kTerraform:
      return "terraform";
    case Engine::kScript:
      break;
  }
  return "script";
}

std::vector<EmittedFile> hand_over(const Placement& placement,
                                   const Workload& workload,
                                   Engine engine,
                                   const HandOverOptions& options) {
  check(placement, engine, options);
  const CloudPlan& cloud = *placement.cloud;
  const int gpus = placement.terminal->rental.gpus;
  const int slots = std::max(1, gpus);  // shards side by side on a machine
  const int64_t shards = int64_t{cloud.count} * slots;
  if (workload.item_count > 9e18) {
    refuse("item_count", fmt::format("{:g} items are too many to number", workload.item_count));
  }
  Values values = {
      {"NAME", options.name},
      {"SUMMARY",
       fmt::format("{} {}: {} x {} {}, about {:.3g} hours and {:.0f} dollars.",
                   placement.terminal->id,
                   placement.terminal->name,
                   cloud.count,
                   cloud.provider,
                   cloud.instance,
                   cloud.hours,
                   cloud.usd)},
      {"ITEMS", fmt::to_string(static_cast<int64_t>(workload.item_count))},
      {"SHARDS", fmt::to_string(shards)},
      {"LAST", fmt::to_string(shards - 1)},
      {"NODES", fmt::to_string(cloud.count)},
      {"SLOTS", fmt::to_string(slots)},
      {"SETUP", options.setup.empty() ? "true" : options.setup},
      {"SELECT", gpus > 0 ? "CUDA_VISIBLE_DEVICES=$slot " : ""},
      {"REMOTE_SELECT", gpus > 0 ? "CUDA_VISIBLE_DEVICES=\\$slot " : ""},
      {"INSTANCE", cloud.instance},
      {"REGION", cloud.price.region == "any" ? "nyc1" : cloud.price.region},
      {"RESOURCES", skypilot_resources(cloud, gpus)},
      {"TIME", time_limit(cloud.hours)},
      {"DIRECTIVES",
       gpus > 0 ? "#SBATCH --gres=gpu:1"
                : fmt::format("#SBATCH --cpus-per-task={:g}\n#SBATCH --mem={:g}G",
                              std::max(1.0, cloud.price.vcpus),
                              std::floor(std::max(1.0, cloud.price.memory_gb * 0.9)))}};
  if (engine == Engine::kTerraform) {
    const Terraform& terraform = *terraform_of(cloud.provider);
    values.emplace("NEEDED", terraform.needed);
    values.emplace("USER", terraform.user);
  }
  std::vector<EmittedFile> files;
  for (const Part& part : parts_of(engine, cloud.provider)) {
    files.push_back(
        {std::string(part.name), filled(template_text(part.made_from), values), part.executable});
  }
  for (const std::string_view common : {"run_shard.sh", "check_home.sh"}) {
    files.push_back({std::string(common), filled(template_text(common), values), true});
  }
  files.push_back({"command.sh", options.command + "\n", false});
  if (options.setup == HandOverOptions().setup) {
    files.push_back(
        {"setup.sh",
         "#!/usr/bin/env bash\n# Installs and builds what command.sh needs, on each machine.\n"
         "set -euo pipefail\ncd \"$(dirname \"$0\")\"\n",
         true});
  }
  files.push_back({"README.md", readme(placement, engine, values), false});
  return files;
}

}  // namespace planner
}  // namespace ingot
