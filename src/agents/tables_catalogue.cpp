#include <algorithm>

#include "fmt/format.h"

#include "agents/markdown.hpp"
#include "agents/tables.hpp"
#include "catalogue/catalogue.hpp"
#include "core/embedded.hpp"
#include "core/rows.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> agent_tables;
}  // namespace embedded

namespace agents {
namespace {

constexpr std::string_view kNone = "none in this version";

std::vector<const KernelRecord*> kernels_of(const Domain& domain) {
  std::vector<const KernelRecord*> records;
  std::ranges::copy_if(catalogue(), std::back_inserter(records), [&](const KernelRecord* record) {
    return record->domain == domain.name;
  });
  return records;
}

// "x f32 f16, [mask u8]": names and dtypes, what may be left out in brackets.
std::string arguments_text(const std::vector<ArgSpec>& specs) {
  std::string text;
  for (const ArgSpec& spec : specs) {
    std::string one = code(spec.name) + (spec.shape.empty() ? "" : " " + code(spec.shape));
    if (spec.dtypes.starts_with('=')) {
      one += fmt::format(" as {}", spec.dtypes.substr(1));
    } else if (!spec.dtypes.empty()) {
      one += fmt::format(" {}", spec.dtypes);
    }
    text += (text.empty() ? "" : "; ") + (spec.optional ? "[" + one + "]" : one);
  }
  return text.empty() ? "-" : text;
}

// "k; [largest=true]".
std::string params_text(const std::vector<ParamSpec>& specs) {
  std::string text;
  for (const ParamSpec& spec : specs) {
    const bool required = spec.fallback.empty();
    const std::string one = required || spec.fallback == "none"
                                ? std::string(spec.name)
                                : fmt::format("{}={}", spec.name, spec.fallback);
    text += (text.empty() ? "" : "; ") + (required ? code(one) : "[" + code(one) + "]");
  }
  return text.empty() ? "-" : text;
}

}  // namespace

const std::vector<Domain>& domains() {
  static const std::vector<Domain> kDomains = [] {
    const auto file = std::ranges::find(embedded::agent_tables, "domains.txt", &EmbeddedFile::path);
    std::vector<Domain> list;
    for (const Row& row : read_rows(file->text)) {
      list.push_back({row.cells.at(0), row.cells.at(1)});
    }
    return list;
  }();
  return kDomains;
}

std::string domain_table() {
  MarkdownTable table({"domain", "kernels"});
  for (const Domain& domain : domains()) {
    std::string ids;
    for (const KernelRecord* record : kernels_of(domain)) {
      ids += (ids.empty() ? "" : ", ") + code(record->id);
    }
    table.add({std::string(domain.name), ids.empty() ? std::string(kNone) : ids});
  }
  return table.text();
}

std::string kernel_catalog() {
  std::string text;
  for (const Domain& domain : domains()) {
    text += fmt::format("{}### {}\n\n", text.empty() ? "" : "\n\n", domain.name);
    const auto records = kernels_of(domain);
    if (records.empty()) {
      text += fmt::format("No kernel in this version. Belongs here: {}.", domain.summary);
      continue;
    }
    MarkdownTable table({"kernel", "computes", "inputs", "parameters", "outputs"});
    for (const KernelRecord* record : records) {
      table.add({code(record->id),
                 std::string(record->summary),
                 arguments_text(record->inputs),
                 params_text(record->params),
                 arguments_text(record->outputs)});
    }
    text += table.text();
  }
  return text;
}

}  // namespace agents
}  // namespace ingot
