// The agent pack's files: complete, made from the program's own tables, and true to them.
#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "agents/pack.hpp"
#include "agents/stamp.hpp"
#include "agents/tables.hpp"
#include "agents/template.hpp"
#include "catalogue/catalogue.hpp"
#include "gmock/gmock.h"
#include "health/gate.hpp"
#include "health/watch_rules.hpp"
#include "pipelines/pipeline.hpp"
#include "planner/estimate.hpp"
#include "planner/examples.hpp"
#include "planner/profiles.hpp"
#include "planner/states.hpp"
#include "select/routing.hpp"

namespace ingot::agents {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kAgent = ".claude/agents/metal.md";
constexpr const char* kHints = ".claude/agents/metal-kernel-hints.md";
constexpr const char* kSkill = ".claude/skills/ingot/SKILL.md";

const std::vector<PackFile>& pack() {
  static const std::vector<PackFile> kPack = make_pack(Audience::kAll, "1.2.3");
  return kPack;
}

std::string file(const std::string& path) {
  const auto found = std::ranges::find(pack(), path, &PackFile::path);
  return found == pack().end() ? "" : found->text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The headings of a level, outside of code.
std::vector<std::string> headings(const std::string& text, const std::string& level) {
  std::vector<std::string> found;
  bool code = false;
  for (const std::string& line : lines_of(text)) {
    code = line.find("```") != std::string::npos ? !code : code;
    if (!code && line.starts_with(level + " ")) {
      found.push_back(line.substr(level.size() + 1));
    }
  }
  return found;
}

// The text between a heading and the next of its level.
std::string section(const std::string& text, const std::string& heading) {
  const std::string level = heading.substr(0, heading.find(' ') + 1);
  const size_t begin = text.find("\n" + heading + "\n");
  return begin == std::string::npos
             ? ""
             : text.substr(begin, text.find("\n" + level, begin + 1) - begin);
}

// The cells of a table's rows, without headings.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with("| ") || line.starts_with("|--")) {
      continue;
    }
    std::vector<std::string> cells(1);
    for (size_t i = 2; i < line.size(); ++i) {
      if (line[i] == '\\' && i + 1 < line.size()) {
        cells.back() += line[++i];
      } else if (line[i] == '|') {
        cells.back().pop_back();
        cells.emplace_back();
        ++i;
      } else {
        cells.back() += line[i];
      }
    }
    cells.pop_back();
    rows.push_back(cells);
  }
  return rows;
}

std::vector<std::string> domain_names() {
  std::vector<std::string> names;
  for (const Domain& domain : domains()) {
    names.emplace_back(domain.name);
  }
  return names;
}

TEST(AgentPack, HasTheFilesThatWereAskedFor) {
  const auto paths = [](Audience audience) {
    std::vector<std::string> found;
    for (const PackFile& one : make_pack(audience, "1")) {
      found.push_back(one.path);
    }
    return found;
  };
  EXPECT_EQ(paths(Audience::kAgentsMd), std::vector<std::string>{"AGENTS.md"});
  EXPECT_THAT(paths(Audience::kClaude), testing::IsSupersetOf({kAgent, kHints, kSkill}));
  EXPECT_THAT(paths(Audience::kClaude), Not(testing::Contains("AGENTS.md")));
  EXPECT_EQ(paths(Audience::kAll).size(), paths(Audience::kClaude).size() + 1);
  EXPECT_EQ(parse_audience("claude"), Audience::kClaude);
  EXPECT_EQ(parse_audience("agents-md"), Audience::kAgentsMd);
  EXPECT_EQ(parse_audience("all"), Audience::kAll);
  EXPECT_THROW(parse_audience("everybody"), Error);
}

TEST(AgentPack, HasTheSections) {
  EXPECT_EQ(headings(file(kHints), "##"),
            (std::vector<std::string>{"Kernel Catalog",
                                      "Operation Routing",
                                      "Fusion Patterns",
                                      "Implementation Hints",
                                      "Pipeline Recipes",
                                      "Performance Estimation Reference"}));
  std::vector<std::string> agent = headings(file(kAgent), "##");
  std::ranges::copy(headings(file(kAgent), "###"), std::back_inserter(agent));
  for (const char* name : {"Architecture",
                           "Framework selection",
                           "How to write a new kernel",
                           "Dispatch conventions",
                           "Performance rules",
                           "When NOT to use Metal GPU",
                           "System health monitor",
                           "Pre-flight gate",
                           "Runtime monitor",
                           "Compute routing state machine",
                           "Terminal states",
                           "Worked examples",
                           "Output format"}) {
    EXPECT_EQ(std::ranges::count(agent, name), 1) << name;
  }
}

// What agents must be able to load: a block of plain "key: value" lines first.
TEST(AgentPack, FrontMatterIsValid) {
  for (const auto& [path, name] : {std::pair(kAgent, "metal"),
                                   std::pair(kHints, "metal-kernel-hints"),
                                   std::pair(kSkill, "ingot")}) {
    const std::vector<std::string> lines = lines_of(file(path));
    ASSERT_GT(lines.size(), 4U);
    EXPECT_EQ(lines[0], "---");
    EXPECT_EQ(lines[1], std::string("name: ") + name);
    EXPECT_TRUE(lines[2].starts_with("description: ")) << lines[2];
    EXPECT_EQ(lines[3], "---");
    const std::string description = lines[2].substr(std::string("description: ").size());
    EXPECT_LE(description.size(), 1024U);
    EXPECT_EQ(description.find(": "), std::string::npos) << "YAML needs quotes for this";
    EXPECT_EQ(description.find(" #"), std::string::npos) << "YAML needs quotes for this";
    EXPECT_TRUE(std::isalpha(static_cast<unsigned char>(description[0])) != 0);
  }
}

TEST(AgentPack, TheDomainsAreThoseOfTheDocuments) {
  EXPECT_EQ(domains().size(), 22U);
  EXPECT_EQ(headings(section(file(kHints), "## Kernel Catalog"), "###"), domain_names());
  EXPECT_EQ(headings(section(file(kHints), "## Implementation Hints"), "###"), domain_names());
  for (const KernelRecord* record : catalogue()) {
    EXPECT_THAT(domain_names(), testing::Contains(record->domain)) << record->id;
  }
}

TEST(AgentPack, TheCatalogListsEveryKernelOnceUnderItsDomain) {
  const std::string catalog = section(file(kHints), "## Kernel Catalog");
  std::map<std::string, int> seen;
  for (const Domain& domain : domains()) {
    const std::string part = section(catalog, "### " + std::string(domain.name));
    const auto rows = rows_of(part);
    for (const auto& row : rows) {
      if (row[0] == "kernel") {
        continue;
      }
      const KernelRecord& record = find_kernel(row[0].substr(1, row[0].size() - 2));
      ++seen[std::string(record.id)];
      EXPECT_EQ(record.domain, domain.name);
      EXPECT_EQ(row[1], record.summary);
      for (const ArgSpec& input : record.inputs) {
        EXPECT_THAT(row[2], HasSubstr("`" + std::string(input.name) + "`"));
      }
      for (const ParamSpec& param : record.params) {
        EXPECT_THAT(row[3], HasSubstr("`" + std::string(param.name)));
      }
    }
    EXPECT_EQ(rows.empty(), part.find("No kernel in this version") != std::string::npos)
        << domain.name;
  }
  EXPECT_EQ(seen.size(), catalogue().size());
  for (const auto& [id, count] : seen) {
    EXPECT_EQ(count, 1) << id;
  }
}

// Wherever a kernel's id stands, it is in this version, or is marked.
TEST(AgentPack, ClaimsNoKernelThatIsNotThere) {
  std::set<std::string> ids;
  for (const KernelRecord* record : catalogue()) {
    ids.insert(std::string(record->id));
  }
  std::set<std::string> known;  // ids of the routing table: what to look for
  for (const Rule& rule : routing()) {
    for (const Step& step : rule.steps) {
      known.insert(std::string(step.kernel));
    }
  }
  const std::regex kId("`?\\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\\b`?( \\*\\(not in this version\\)\\*)?");
  for (const PackFile& one : pack()) {
    for (std::sregex_iterator found(one.text.begin(), one.text.end(), kId), end; found != end;
         ++found) {
      const std::string id = (*found)[1];
      if (known.contains(id)) {
        EXPECT_EQ((*found)[2].matched, !ids.contains(id)) << one.path << ": " << id;
      }
    }
  }
}

TEST(AgentPack, TheRoutingAndFusionTablesAreWhole) {
  const auto rows = rows_of(section(file(kHints), "## Operation Routing"));
  size_t found = 0;
  for (const Rule& rule : routing()) {
    found += static_cast<size_t>(std::ranges::count_if(rows, [&](const auto& row) {
      return row[0].starts_with(rule.operations.front()) && row[1] == rule.condition.text() &&
             row[2].find(rule.steps.back().kernel) != std::string::npos;
    }));
  }
  EXPECT_GE(found, routing().size());
  EXPECT_EQ(rows_of(section(file(kHints), "## Fusion Patterns")).size(), 15U + 1U);
}

TEST(AgentPack, PipelinesHaveTheirStepsAndParameters) {
  const std::string recipes = section(file(kHints), "## Pipeline Recipes");
  for (const PipelineRecord* record : pipelines()) {
    const std::string recipe = section(recipes, "### " + std::string(record->name));
    for (const StepSpec& step : record->steps) {
      EXPECT_THAT(recipe,
                  HasSubstr("| " + std::string(step.name) + " | `" + std::string(step.kernel)));
    }
    for (const ParamSpec& param : record->params) {
      EXPECT_THAT(recipe, HasSubstr("| `" + std::string(param.name) + "` |"));
    }
  }
}

std::string performance(const std::string& heading) {
  return section(section(file(kHints), "## Performance Estimation Reference"), heading);
}

TEST(AgentPack, NumbersOfDevicesAreThoseOfTheirProfiles) {
  const auto rows = rows_of(performance("### Devices"));
  size_t devices = 0;
  for (const auto& row : rows) {
    if (row[0] == "profile") {
      continue;
    }
    ++devices;
    const planner::DeviceProfile& profile =
        planner::find_profile(row[0].substr(1, row[0].size() - 2));
    EXPECT_EQ(row[1], profile.name);
    EXPECT_NEAR(std::stod(row[3]), profile.bandwidth.value * 1e-9, 0.5) << profile.id;
    EXPECT_NEAR(std::stod(row[4]), profile.copy_bytes_per_second() * 1e-9, 0.5) << profile.id;
    EXPECT_NEAR(std::stod(row[5]), profile.f32_flops.value * 1e-9, 0.5) << profile.id;
    EXPECT_EQ(row[5].find("assumed") != std::string::npos, profile.f32_flops.assumed) << profile.id;
    EXPECT_NEAR(std::stod(row[6]), profile.launch_seconds.value * 1e6, 0.5) << profile.id;
  }
  EXPECT_EQ(devices, planner::profiles().size());
}

TEST(AgentPack, EstimatesAreThoseOfThePlanner) {
  const auto rows = rows_of(performance("### Kernels"));
  for (const KernelRecord* record : catalogue()) {
    const auto row = std::ranges::find_if(
        rows, [&](const auto& cells) { return cells[0] == "`" + std::string(record->id) + "`"; });
    ASSERT_NE(row, rows.end()) << record->id;
    const planner::Work work = planner::work_of(*record, kSampleElements);
    EXPECT_NEAR(std::stod((*row)[2]), work.cost.bytes(), 0.01 * work.cost.bytes()) << record->id;
    const double milliseconds =
        planner::estimate(work, planner::find_profile("h100-sxm")).seconds * 1e3;
    EXPECT_NEAR(std::stod((*row)[6]), milliseconds, 0.01 * milliseconds) << record->id;
  }
}

TEST(AgentPack, TheRouterIsDescribedAsItIs) {
  const std::string text = file(kAgent);
  for (const planner::State& state : planner::states()) {
    EXPECT_THAT(text, HasSubstr(std::string(state.id) + ": " + std::string(state.name)));
    for (const planner::Branch& branch : state.branches) {
      EXPECT_THAT(text,
                  HasSubstr("  " + std::string(branch.when) + " -> " + std::string(branch.to)));
    }
  }
  for (const planner::Terminal& terminal : planner::terminals()) {
    EXPECT_THAT(
        text, HasSubstr("**" + std::string(terminal.id) + " " + std::string(terminal.name) + "**"));
  }
  EXPECT_EQ(planner::worked_examples().size(), 11U);
  for (const planner::WorkedExample& example : planner::worked_examples()) {
    std::string path(example.path);  // "S0 S3 T1"
    for (size_t blank = path.find(' '); blank != std::string::npos;
         blank = path.find(' ', blank + 4)) {
      path.replace(blank, 1, " -> ");
    }
    EXPECT_THAT(text, HasSubstr("- " + path + " ")) << example.name;
  }
}

TEST(AgentPack, HealthIsDescribedAsItIs) {
  const std::string text = file(kAgent);
  for (const health::GateRule& rule : health::gate_rules()) {
    EXPECT_THAT(text,
                HasSubstr("| `" + std::string(rule.code) + "` | " +
                          std::string(to_string(rule.severity)) + " | " + condition_text(rule)));
  }
  for (const health::WatchRule& rule : health::watch_rules()) {
    EXPECT_THAT(text, HasSubstr("| `" + std::string(rule.code) + "` | " + condition_text(rule)));
  }
}

TEST(AgentPack, NamesNothingOfOtherToolchains) {
  for (const PackFile& one : pack()) {
    for (const char* word :
         {"Rust", "rayon", "cargo", "mx.metal.compile", "mx.put(", "{{", "TODO"}) {
      EXPECT_THAT(one.text, Not(HasSubstr(word))) << one.path;
    }
  }
}

TEST(AgentPack, LinksOfTheSkillLead) {
  const std::string text = file(kSkill);
  const std::regex kLink("\\]\\(([^)]+)\\)");
  size_t links = 0;
  for (std::sregex_iterator found(text.begin(), text.end(), kLink), end; found != end; ++found) {
    ++links;
    EXPECT_NE(file(".claude/skills/ingot/" + (*found)[1].str()), "") << (*found)[1];
  }
  EXPECT_GE(links, 8U);
}

TEST(AgentTemplate, FillsEverySlotOnce) {
  EXPECT_EQ(fill("a {{x}} b {{y}}{{x}}", {{"x", "1"}, {"y", "{{x}}"}}), "a 1 b {{x}}1");
  EXPECT_EQ(fill("no slot }}", {}), "no slot }}");
  EXPECT_THROW(fill("{{z}}", {{"x", "1"}}), Error);
  EXPECT_THROW(fill("{{x", {{"x", "1"}}), Error);
}

TEST(AgentStamp, TellsWhoWroteAFileAndWhetherItIsIntact) {
  const std::string file = stamped("text\n", "0.1.0");
  EXPECT_EQ(read_stamp(file).version, "0.1.0");
  EXPECT_TRUE(read_stamp(file).intact);
  EXPECT_FALSE(read_stamp("more " + file).intact);
  EXPECT_FALSE(read_stamp(file + "more\n").intact);
  std::string other = file;
  other.replace(other.find("0.1.0"), 5, "0.2.0");
  EXPECT_EQ(read_stamp(other).version, "0.2.0");
  EXPECT_EQ(read_stamp("text\n").version, "");
  EXPECT_FALSE(read_stamp("<!-- written by ingot ").intact);
}

}  // namespace
}  // namespace ingot::agents
