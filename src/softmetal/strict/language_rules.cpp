#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "msl/syntax.hpp"
#include "softmetal/strict/problem.hpp"
#include "softmetal/strict/tree_rules.hpp"

namespace softmetal::strict {
namespace {

constexpr unsigned kFirstVersionWithLambdas = 320;

class LanguageRules {
 public:
  LanguageRules(const Analysed& program, unsigned metal_version)
      : program_(program), metal_version_(metal_version), syntax_(program.module.lexed) {}

  std::vector<Diagnostic> run() {
    for (const Node& node : program_.tree.nodes()) {
      if (node.kind == "LambdaExpr" && metal_version_ < kFirstVersionWithLambdas) {
        add(node.begin,
            "lambda",
            fmt::format("lambda expressions are not supported in Metal {}.{}",
                        metal_version_ / 100,
                        metal_version_ / 10 % 10),
            "they came with version 3.2; use a function, or ask for a later version");
      } else if (node.kind == "VarDecl" || node.kind == "ParmVarDecl" || node.kind == "FieldDecl") {
        check_variable(node);
      }
    }
    return std::move(problems_);
  }

 private:
  void check_variable(const Node& node) {
    if (node.name.line == 0) {
      return;
    }
    const std::size_t name = program_.token(node.name);
    if (points_to_function(quoted(node.text))) {
      add(node.name,
          "function-pointer",
          fmt::format("'{}' points to a function", syntax_[name]),
          "kernels call functions by name, or take them as template arguments");
    }
    if (program_.tree.parent(node).kind == "DeclStmt" &&
        node.text.find("' static") != std::string_view::npos &&
        !syntax_.contains({program_.token(node.begin), name}, "constant")) {
      add(node.name,
          "static",
          fmt::format("the local variable '{}' is static", syntax_[name]),
          "nothing of a thread outlives it; constants are declared as static constant");
    }
  }

  void add(Position position, std::string_view rule, std::string message, std::string_view reason) {
    problems_.push_back(
        problem(program_.module, program_.token(position), rule, std::move(message), reason));
  }

  const Analysed& program_;
  const unsigned metal_version_;
  ingot::msl::Syntax syntax_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::vector<Diagnostic> check_language(const Analysed& program, unsigned metal_version) {
  return LanguageRules(program, metal_version).run();
}

}  // namespace softmetal::strict
