#include "select/routing.hpp"

#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/embedded.hpp"
#include "core/rows.hpp"
#include "core/text.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> routing;
}  // namespace embedded
namespace {

[[noreturn]] void fail(const Row& row, std::string problem) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("routing table, line {}", row.line),
              std::move(problem));
}

// "A > B + C": names and joints take turns.
std::vector<Step> parse_steps(const Row& row, const std::vector<std::string_view>& words) {
  std::vector<Step> steps;
  for (size_t i = 0; i < words.size(); i += 2) {
    if (i > 0 && words[i - 1] != ">" && words[i - 1] != "+") {
      fail(row, fmt::format("'{}' stands where > or + should", words[i - 1]));
    }
    const bool beside = i > 0 && words[i - 1] == "+";
    steps.push_back({words[i], beside ? Step::Joint::kBeside : Step::Joint::kThen});
  }
  if (words.size() % 2 == 0) {
    fail(row, "names no kernel, or ends with > or +");
  }
  return steps;
}

Rule parse_rule(const Row& row) {
  if (row.cells.size() < 3 || row.cells.size() > 4) {
    fail(row, "is not: operations | condition | kernels | note");
  }
  std::vector<std::string_view> words = split_words(row.cells[2]);
  const bool adds = !words.empty() && words.front() == "+";
  if (adds) {
    words.erase(words.begin());
  }
  try {
    return {split_words(row.cells[0]),
            Condition(row.cells[1]),
            parse_steps(row, words),
            adds,
            row.cells.size() > 3 ? row.cells[3] : ""};
  } catch (const Error& error) {
    fail(row, error.what());
  }
}

}  // namespace

std::vector<Rule> parse_routing(std::string_view text) {
  std::vector<Rule> rules;
  for (const Row& row : read_rows(text)) {
    rules.push_back(parse_rule(row));
    if (rules.back().operations.empty()) {
      fail(row, "names no operation");
    }
  }
  return rules;
}

const std::vector<Rule>& routing() {
  static const std::vector<Rule> kRules = parse_routing(embedded::routing.front().text);
  return kRules;
}

std::string to_string(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    text += text.empty() ? "" : step.joint == Step::Joint::kThen ? " > " : " + ";
    text += step.kernel;
  }
  return text;
}

}  // namespace ingot
