// ingot kernels list | show
#include <algorithm>

#include "cli/command.hpp"
#include "cli/example.hpp"
#include "fmt/format.h"

#include "catalogue/catalogue.hpp"
#include "core/text.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

bool has_words(const KernelRecord& record, const std::string& query) {
  const std::string text = lower_case(
      fmt::format("{} {} {} {}", record.id, record.domain, record.summary, record.formula));
  const std::string wanted = lower_case(query);
  return std::ranges::all_of(split_words(wanted), [&](std::string_view word) {
    return text.find(word) != std::string::npos;
  });
}

std::vector<const KernelRecord*> kernels_of(const std::string& domain) {
  std::vector<const KernelRecord*> found;
  std::string domains;
  for (const KernelRecord* record : catalogue()) {
    if (domain.empty() || lower_case(record->domain) == lower_case(domain)) {
      found.push_back(record);
    }
    if (domains.find(record->domain) == std::string::npos) {
      domains += fmt::format("{}'{}'", domains.empty() ? "" : ", ", record->domain);
    }
  }
  if (found.empty()) {
    throw UsageError("--domain", fmt::format("there is no domain '{}'", domain), domains);
  }
  return found;
}

void list(const std::string& domain, const std::string& query, bool json) {
  std::vector<const KernelRecord*> records = kernels_of(domain);
  std::erase_if(records, [&](const KernelRecord* record) { return !has_words(*record, query); });
  if (json) {
    Json kernels = Json::array();
    for (const KernelRecord* record : records) {
      kernels.push_back(
          {{"id", record->id}, {"domain", record->domain}, {"summary", record->summary}});
    }
    print_json({{"kernels", kernels}});
    return;
  }
  size_t width = 0;
  for (const KernelRecord* record : records) {
    width = std::max(width, record->id.size());
  }
  std::string_view group;
  for (const KernelRecord* record : records) {
    if (record->domain != group) {
      fmt::print("{}{}\n", group.empty() ? "" : "\n", strong(record->domain));
      group = record->domain;
    }
    fmt::print("  {:<{}}  {}\n", record->id, width, record->summary);
  }
}

std::string_view type_name(ParamType type) {
  switch (type) {
    case ParamType::kInteger:
      return "integer";
    case ParamType::kReal:
      return "real";
    case ParamType::kFlag:
      return "flag";
    case ParamType::kChoice:
      break;
  }
  return "choice";
}

std::string accepted_values(const ParamSpec& spec) {
  if (spec.type == ParamType::kChoice) {
    return std::string(spec.choices);
  }
  if (spec.type == ParamType::kFlag) {
    return "true false";
  }
  if (spec.least && spec.most) {
    return fmt::format("{}..{}", *spec.least, *spec.most);
  }
  return spec.least  ? fmt::format(">= {}", *spec.least)
         : spec.most ? fmt::format("<= {}", *spec.most)
                     : "";
}

Json to_json(const ArgSpec& spec) {
  Json json = {{"name", spec.name},
               {"dtypes", spec.dtypes},
               {"shape", spec.shape},
               {"optional", spec.optional},
               {"summary", spec.summary}};
  if (!spec.count_in.empty()) {
    json["count_in"] = spec.count_in;
  }
  return json;
}

Json to_json(const ParamSpec& spec) {
  Json json = {{"name", spec.name},
               {"type", type_name(spec.type)},
               {"required", spec.fallback.empty()},
               {"default", spec.fallback},
               {"summary", spec.summary}};
  if (spec.type == ParamType::kChoice) {
    json["choices"] = spec.choices;
  }
  if (spec.least) {
    json["least"] = *spec.least;
  }
  if (spec.most) {
    json["most"] = *spec.most;
  }
  return json;
}

template <class Spec>
Json to_json(const std::vector<Spec>& specs) {
  Json json = Json::array();
  for (const Spec& spec : specs) {
    json.push_back(to_json(spec));
  }
  return json;
}

// "=x" is how records say "as x"; no dtype at all, that the kernel decides.
std::string dtypes_text(std::string_view dtypes) {
  if (dtypes.starts_with('=')) {
    return fmt::format("as {}", dtypes.substr(1));
  }
  return std::string(dtypes);
}

void add_arguments(Table& table, const std::vector<ArgSpec>& specs) {
  for (const ArgSpec& spec : specs) {
    std::string summary(spec.summary);
    if (spec.optional) {
      summary += " (may be left out)";
    }
    if (!spec.count_in.empty()) {
      summary += fmt::format(" (as many as {} says)", spec.count_in);
    }
    table.add({std::string(spec.name),
               dtypes_text(spec.dtypes),
               spec.shape.empty() ? "any shape" : std::string(spec.shape),
               summary});
  }
}

void print_section(std::string_view name, const Table& table) {
  const std::string text = table.text();
  if (!text.empty()) {
    fmt::print("\n{}\n{}", strong(name), text);
  }
}

void print_kernel(const KernelRecord& record) {
  fmt::print("{}  {}\n{}\n", strong(record.id), faint(record.domain), record.summary);
  fmt::print("\n{}\n  {}\n", strong("Formula"), record.formula);
  fmt::print("\n{}\n  {}\n", strong("Source"), record.source);
  Table inputs({"", "", "", ""});
  add_arguments(inputs, record.inputs);
  print_section("Inputs", inputs);
  Table params({"", "", "", "", ""});
  for (const ParamSpec& spec : record.params) {
    params.add({std::string(spec.name),
                std::string(type_name(spec.type)),
                accepted_values(spec),
                spec.fallback.empty()     ? "required"
                : spec.fallback == "none" ? "may be left out"
                                          : fmt::format("default {}", spec.fallback),
                std::string(spec.summary)});
  }
  print_section("Parameters", params);
  Table outputs({"", "", "", ""});
  add_arguments(outputs, record.outputs);
  print_section("Outputs", outputs);
  fmt::print("\n{}\n  Metal function {}\n", strong("Shader"), record.metal_function);
  fmt::print("\n{}\n  {}\n", strong("Example"), example_command(record));
}

void show(const std::string& id, bool json) {
  const KernelRecord& record = from_usage([&]() -> auto& { return find_kernel(id); });
  if (!json) {
    print_kernel(record);
    return;
  }
  print_json({{"id", record.id},
              {"domain", record.domain},
              {"summary", record.summary},
              {"formula", record.formula},
              {"source", record.source},
              {"metal_function", record.metal_function},
              {"inputs", to_json(record.inputs)},
              {"params", to_json(record.params)},
              {"outputs", to_json(record.outputs)},
              {"example", example_command(record)}});
}

}  // namespace

void add_kernels(CLI::App& app, Common& common) {
  CLI::App* kernels = app.add_subcommand("kernels", "The catalogue of kernels");
  kernels->require_subcommand(1);
  kernels->footer("\nExamples:\n  ingot kernels list\n  ingot kernels show REDUCE_SUM");

  const auto domain = std::make_shared<std::string>();
  const Help list_help = {"List the kernels by domain",
                          {},
                          {"ingot kernels list",
                           "ingot kernels list --domain Reductions",
                           "ingot kernels list --query 'prefix sum'"}};
  CLI::App& list_command = add_command(*kernels, "list", list_help, common);
  list_command.add_option("--domain", *domain, "Only this domain")->type_name(kDomainValue);
  const auto query = std::make_shared<std::string>();
  list_command
      .add_option(
          "--query", *query, "Only those whose id, domain, summary or formula has the words")
      ->type_name("WORDS");
  list_command.callback([domain, query, &common] { list(*domain, *query, common.json); });

  const auto id = std::make_shared<std::string>();
  const Help show_help = {"Show what a kernel computes, its arguments and an example",
                          {},
                          {"ingot kernels show REDUCE_SUM"}};
  CLI::App& show_command = add_command(*kernels, "show", show_help, common);
  show_command.add_option("id", *id, "Kernel")->required()->type_name(kKernelValue);
  show_command.callback([id, &common] { show(*id, common.json); });
}

}  // namespace ingot::cli
