// Integer constant expressions: what attributes say with names instead of numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "msl/syntax.hpp"

namespace ingot::msl {

/// What stands for a template parameter in one instantiation.
struct TemplateArgument {
  TokenRange tokens;
  bool is_default = false;  // then it may name earlier parameters
};
using TemplateArguments = std::map<std::string_view, TemplateArgument>;

/// Evaluates with the enumerators and the constants of a module. The declarations must outlive it.
class ConstantEvaluator {
 public:
  ConstantEvaluator(const Syntax& syntax, const std::vector<Declaration>& declarations);

  /// The value of an expression that stands in `scope`. nullopt for whatever is not made from
  /// integer literals, enumerators, initialised constants, the arguments given, and operators.
  std::optional<std::int64_t> evaluate(TokenRange expression,
                                       const std::string& scope,
                                       const TemplateArguments& arguments = {}) const;

 private:
  friend class ExpressionReader;

  // The value of a name: an expression, plus an offset for an enumerator without its own.
  struct Definition {
    TokenRange expression;  // empty: zero
    std::int64_t offset = 0;
    std::string scope;
    mutable bool is_evaluated =
        false;  // or is being evaluated: a definition by itself has no value
    mutable std::optional<std::int64_t> value = {};
  };

  void add_enumerators(const Declaration& type);
  void add_variable(const Declaration& variable);

  const Syntax& syntax_;
  std::unordered_map<std::string, Definition> definitions_;  // by qualified name
};

}  // namespace ingot::msl
