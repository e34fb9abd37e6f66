#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "agents/markdown.hpp"
#include "agents/tables.hpp"
#include "core/embedded.hpp"
#include "core/rows.hpp"
#include "core/text.hpp"
#include "pipelines/pipeline.hpp"
#include "select/select.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> agent_tables;
}  // namespace embedded

namespace agents {
namespace {

constexpr std::string_view kMissing = " *(not in this version)*";

std::string kernel_text(std::string_view id) {
  return code(id) + std::string(kernel_or_null(id) == nullptr ? kMissing : "");
}

std::string steps_text(const Rule& rule) {
  std::string text = rule.adds ? "+ " : "";
  for (const Step& step : rule.steps) {
    if (&step != &rule.steps.front()) {
      text += step.joint == Step::Joint::kThen ? " > " : " + ";
    }
    text += kernel_text(step.kernel);
  }
  return text + (rule.note.empty() ? "" : fmt::format(" ({})", rule.note));
}

// The first word of what a chain becomes, where that is a kernel; else the text as it is.
std::string becomes_text(std::string_view becomes) {
  const std::string_view first = split_words(becomes).front();
  const bool is_kernel = std::ranges::all_of(first, [](unsigned char c) {
    return std::isupper(c) != 0 || c == '_' || std::isdigit(c) != 0;
  });
  return is_kernel ? kernel_text(first) + std::string(becomes.substr(first.size()))
                   : std::string(becomes);
}

std::string recipe(const PipelineRecord& record) {
  std::string text = fmt::format("### {}\n\n{}\n\n", record.name, record.summary);
  MarkdownTable steps({"step", "kernel", "does"});
  for (const StepSpec& step : record.steps) {
    steps.add({std::string(step.name), kernel_text(step.kernel), std::string(step.summary)});
  }
  MarkdownTable params({"parameter", "default", "is"});
  for (const ParamSpec& param : record.params) {
    params.add({code(param.name),
                param.fallback.empty() ? "must be given" : code(param.fallback),
                std::string(param.summary)});
  }
  return text + steps.text() + "\n\n" + params.text() + "\n";
}

}  // namespace

std::string routing_table() {
  MarkdownTable table({"operation", "condition", "kernels"});
  for (const Rule& rule : routing()) {
    table.add({fmt::format("{}", fmt::join(rule.operations, ", ")),
               std::string(rule.condition.text()),
               steps_text(rule)});
  }
  return table.text();
}

std::string fact_table() {
  MarkdownTable table({"fact", "is", "else"});
  for (const FactSpec& fact : fact_specs()) {
    table.add({code(fact.name),
               std::string(fact.summary),
               fact.fallback.empty() ? "must be known" : std::string(fact.fallback)});
  }
  return table.text();
}

std::string fusion_table() {
  const auto file = std::ranges::find(embedded::agent_tables, "fusion.txt", &EmbeddedFile::path);
  MarkdownTable table({"chain", "becomes", "priority"});
  for (const Row& row : read_rows(file->text)) {
    table.add({std::string(row.cells.at(0)),
               becomes_text(row.cells.at(1)),
               std::string(row.cells.at(2))});
  }
  return table.text();
}

std::string pipeline_recipes() {
  std::string text;
  for (const PipelineRecord* record : pipelines()) {
    text += (text.empty() ? "" : "\n") + recipe(*record);
  }
  return text;
}

}  // namespace agents
}  // namespace ingot
