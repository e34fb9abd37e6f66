// The conditions of the routing table. Their grammar is described in data/routing.txt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "select/facts.hpp"

namespace ingot {

class Condition {
 public:
  /// `text` must outlive the condition. Throws Error(kInvalidArgument) that names the word which is
  /// not understood.
  explicit Condition(std::string_view text);

  /// Throws Error(kInvalidArgument) for a fact that is asked for and unknown. Clauses are looked at
  /// in their order, and none behind the first that does not hold.
  bool holds(const Facts& facts) const;

  std::string_view text() const { return text_; }
  /// "any" or "otherwise".
  bool is_unconditional() const { return clauses_.empty(); }
  /// Names of the facts that it asks for.
  std::vector<std::string_view> facts() const;

 private:
  enum class Test { kFlag, kLess, kAtMost, kMore, kAtLeast, kEqual, kPowerOf2, kPowerOf4 };
  struct Clause {
    bool negated = false;
    std::string_view fact;
    std::string_view divisor;  // or ""
    Test test = Test::kFlag;
    Fact value;
  };
  static Clause parse_clause(std::string_view text);
  static bool holds(const Clause& clause, const Facts& facts);

  std::string_view text_;
  std::vector<Clause> clauses_;
};

}  // namespace ingot
