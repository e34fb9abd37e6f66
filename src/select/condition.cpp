#include "select/condition.hpp"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"

namespace ingot {
namespace {

[[noreturn]] void fail(std::string_view clause, std::string problem) {
  throw Error(
      ErrorCode::kInvalidArgument, fmt::format("condition '{}'", clause), std::move(problem));
}

bool is_power_of(double base, double value) {
  while (value > 1 && std::fmod(value, base) == 0) {
    value /= base;
  }
  return value == 1;
}

double number(const Facts& facts, std::string_view name) {
  return std::get<double>(facts.get(name));
}

}  // namespace

Condition::Condition(std::string_view text) : text_(text) {
  if (text == "any" || text == "otherwise") {
    return;
  }
  constexpr std::string_view kAnd = " and ";
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find(kAnd);
    clauses_.push_back(parse_clause(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + kAnd.size());
  }
}

Condition::Clause Condition::parse_clause(std::string_view text) {
  std::vector<std::string_view> words = split_words(text);
  Clause clause;
  const auto take = [&](std::string_view expected) {
    if (words.empty() || words.front() != expected) {
      return false;
    }
    words.erase(words.begin());
    return true;
  };
  const auto take_word = [&] {
    if (words.empty()) {
      fail(text, "ends too early");
    }
    const std::string_view word = words.front();
    words.erase(words.begin());
    return word;
  };
  clause.negated = take("not");
  const FactSpec& spec = find_fact(take_word());
  clause.fact = spec.name;
  if (take("/")) {
    clause.divisor = find_fact(take_word()).name;
  }
  const bool is_number = spec.kind == FactSpec::Kind::kNumber;
  if (spec.kind == FactSpec::Kind::kFlag) {
    clause.test = Test::kFlag;
  } else if (is_number && take("is")) {
    clause.negated = take("not");
    const std::string_view property = take_word();
    if (property != "power_of_2" && property != "power_of_4") {
      fail(text, fmt::format("'{}' is neither power_of_2 nor power_of_4", property));
    }
    clause.test = property == "power_of_2" ? Test::kPowerOf2 : Test::kPowerOf4;
  } else {
    constexpr std::pair<std::string_view, Test> kTests[] = {{"<", Test::kLess},
                                                            {"<=", Test::kAtMost},
                                                            {">", Test::kMore},
                                                            {">=", Test::kAtLeast},
                                                            {"=", Test::kEqual},
                                                            {"!=", Test::kEqual}};
    const std::string_view relation = take_word();
    const auto* const found = std::find_if(
        std::begin(kTests), std::end(kTests), [&](const auto& t) { return t.first == relation; });
    if (found == std::end(kTests) || (!is_number && found->second != Test::kEqual)) {
      fail(text, fmt::format("'{}' does not compare '{}'", relation, spec.name));
    }
    clause.test = found->second;
    clause.negated = relation == "!=";
    const std::string_view value = take_word();
    if (is_number) {
      const std::optional<double> number = parse_real(value);
      if (!number) {
        fail(text, fmt::format("'{}' is not a number", value));
      }
      clause.value = *number;
    } else {
      clause.value = std::string(value);
    }
  }
  if (!words.empty()) {
    fail(text, fmt::format("'{}' is too much", words.front()));
  }
  return clause;
}

bool Condition::holds(const Clause& clause, const Facts& facts) {
  if (clause.test == Test::kFlag) {
    return std::get<bool>(facts.get(clause.fact)) != clause.negated;
  }
  if (std::holds_alternative<std::string>(clause.value)) {
    return (facts.get(clause.fact) == clause.value) != clause.negated;
  }
  const double value =
      number(facts, clause.fact) / (clause.divisor.empty() ? 1.0 : number(facts, clause.divisor));
  const auto limit = [&] { return std::get<double>(clause.value); };
  switch (clause.test) {
    case Test::kLess:
      return value < limit();
    case Test::kAtMost:
      return value <= limit();
    case Test::kMore:
      return value > limit();
    case Test::kAtLeast:
      return value >= limit();
    case Test::kPowerOf2:
      return is_power_of(2, value) != clause.negated;
    case Test::kPowerOf4:
      return is_power_of(4, value) != clause.negated;
    case Test::kEqual:
    case Test::kFlag:
      break;
  }
  return (value == limit()) != clause.negated;
}

bool Condition::holds(const Facts& facts) const {
  for (const Clause& clause : clauses_) {
    if (!holds(clause, facts)) {
      return false;
    }
  }
  return true;
}

std::vector<std::string_view> Condition::facts() const {
  std::vector<std::string_view> names;
  for (const Clause& clause : clauses_) {
    names.push_back(clause.fact);
    if (!clause.divisor.empty()) {
      names.push_back(clause.divisor);
    }
  }
  return names;
}

}  // namespace ingot
