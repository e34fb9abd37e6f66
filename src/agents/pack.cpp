#include "agents/pack.hpp"

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "agents/stamp.hpp"
#include "agents/tables.hpp"
#include "agents/template.hpp"
#include "catalogue/catalogue.hpp"

namespace ingot::agents {
namespace {

// Sections that are a part of the hints and a file of the skill, by the names of their templates.
constexpr const char* kSections[] = {
    "kernels", "routing", "fusion", "implementation", "pipelines", "performance"};
// Further files of the skill.
constexpr const char* kDecisions[] = {"placement", "health"};

constexpr const char* kAgent = ".claude/agents/metal.md";
constexpr const char* kHints = ".claude/agents/metal-kernel-hints.md";
constexpr const char* kSkill = ".claude/skills/ingot/";

std::string section(std::string_view name, const Slots& slots) {
  return fill(template_text(fmt::format("sections/{}.md", name)), slots);
}

// What the templates' slots stand for.
Slots make_slots(std::string_view version) {
  Slots slots = {{"version", std::string(version)},
                 {"hints_file", fmt::format("`{}`", kHints)},
                 {"kernel_count", fmt::to_string(catalogue().size())},
                 {"domain_count", fmt::to_string(domains().size())},
                 {"sample_elements", fmt::to_string(kSampleElements)},
                 {"domain_table", domain_table()},
                 {"kernel_catalog", kernel_catalog()},
                 {"estimate_table", estimate_table()},
                 {"routing_table", routing_table()},
                 {"fact_table", fact_table()},
                 {"fusion_table", fusion_table()},
                 {"pipeline_recipes", pipeline_recipes()},
                 {"device_table", device_table()},
                 {"routing_machine", routing_machine()},
                 {"terminals", terminals()},
                 {"terminal_table", terminal_table()},
                 {"worked_examples", worked_examples()},
                 {"health_intro", health_intro()},
                 {"health_gate", health_gate()},
                 {"health_watch", health_watch()}};
  for (const char* name : kSections) {
    slots[name] = section(name, slots);
  }
  return slots;
}

}  // namespace

Audience parse_audience(std::string_view word) {
  if (word == "claude") {
    return Audience::kClaude;
  }
  if (word == "agents-md") {
    return Audience::kAgentsMd;
  }
  if (word == "all") {
    return Audience::kAll;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "agent",
              fmt::format("'{}' is not known", word),
              "claude, agents-md or all");
}

std::vector<PackFile> make_pack(Audience audience, std::string_view version) {
  const Slots slots = make_slots(version);
  std::vector<PackFile> files;
  const auto add = [&](std::string path, std::string text) {
    files.push_back({std::move(path), stamped(std::move(text), version)});
  };
  if (audience != Audience::kAgentsMd) {
    add(kAgent, fill(template_text("metal.md"), slots));
    add(kHints, fill(template_text("metal-kernel-hints.md"), slots));
    add(fmt::format("{}SKILL.md", kSkill), fill(template_text("SKILL.md"), slots));
    for (const char* name : kSections) {
      add(fmt::format("{}reference/{}.md", kSkill, name), slots.at(name));
    }
    for (const char* name : kDecisions) {
      add(fmt::format("{}reference/{}.md", kSkill, name), section(name, slots));
    }
  }
  if (audience != Audience::kClaude) {
    add("AGENTS.md", fill(template_text("AGENTS.md"), slots));
  }
  return files;
}

}  // namespace ingot::agents
