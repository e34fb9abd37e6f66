#include "select/select.hpp"

#include <algorithm>
#include <set>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "catalogue/catalogue.hpp"
#include "core/text.hpp"

namespace ingot {
namespace {

// " (n = 5000)": the numbers that a condition asks for.
std::string numbers_of(const Condition& condition, const Facts& facts) {
  std::string values;
  std::set<std::string_view> named;
  for (const std::string_view fact : condition.facts()) {
    if (find_fact(fact).kind == FactSpec::Kind::kNumber && named.insert(fact).second) {
      values +=
          fmt::format("{}{} = {}", values.empty() ? " (" : ", ", fact, to_string(facts.get(fact)));
    }
  }
  return values.empty() ? values : values + ")";
}

std::string explain(const Rule& taken, const std::vector<const Rule*>& rules, const Facts& facts) {
  const Condition& condition = taken.condition;
  if (condition.text() == "any") {
    return "the only choice";
  }
  if (!condition.is_unconditional()) {
    return fmt::format("{} holds{}", condition.text(), numbers_of(condition, facts));
  }
  std::string others;
  for (const Rule* rule : rules) {
    if (!rule->condition.is_unconditional() && !rule->adds) {
      others += fmt::format("{}{} does not hold{}",
                            others.empty() ? "" : "; ",
                            rule->condition.text(),
                            numbers_of(rule->condition, facts));
    }
  }
  return others;
}

}  // namespace

const KernelRecord* kernel_or_null(std::string_view id) {
  const auto records = catalogue();
  const auto found = std::ranges::find(records, id, &KernelRecord::id);
  return found == records.end() ? nullptr : *found;
}

bool is_served(const Rule& rule) {
  return std::ranges::all_of(
      rule.steps, [](const Step& step) { return kernel_or_null(step.kernel) != nullptr; });
}

bool Selection::is_served() const {
  return std::ranges::all_of(choices,
                             [](const Choice& choice) { return choice.record != nullptr; });
}

std::vector<const Rule*> rules_of(std::string_view operation) {
  std::vector<const Rule*> rules;
  std::vector<std::string> names;
  for (const Rule& rule : routing()) {
    if (std::ranges::find(rule.operations, operation) != rule.operations.end()) {
      rules.push_back(&rule);
    }
    names.insert(names.end(), rule.operations.begin(), rule.operations.end());
  }
  if (rules.empty()) {
    throw Error(ErrorCode::kNotFound,
                std::string(operation),
                "there is no such operation",
                suggestion(operation, names));
  }
  return rules;
}

Selection select(std::string_view operation, const Facts& facts) {
  const std::vector<const Rule*> rules = rules_of(operation);
  const auto taken = std::ranges::find_if(
      rules, [&](const Rule* rule) { return !rule->adds && rule->condition.holds(facts); });
  if (taken == rules.end()) {
    std::string known;
    for (const Rule* rule : rules) {
      known += fmt::format("{}{}", known.empty() ? "" : "; ", rule->condition.text());
    }
    throw Error(ErrorCode::kInvalidArgument, std::string(operation), "no row fits", known);
  }
  Selection selection{(*taken)->operations.front(), {}, {*taken}, explain(**taken, rules, facts)};
  for (const Rule* rule : rules) {
    if (rule->adds && rule->condition.holds(facts)) {
      selection.rules.push_back(rule);
      selection.reason += "; " + explain(*rule, rules, facts);
    }
  }
  for (const Rule* rule : selection.rules) {
    for (Step step : rule->steps) {
      if (rule->adds) {
        step.joint = Step::Joint::kBeside;
      }
      selection.choices.push_back({step, kernel_or_null(step.kernel)});
    }
  }
  return selection;
}

}  // namespace ingot
