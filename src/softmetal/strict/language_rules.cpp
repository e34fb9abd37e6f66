#include <charconv>
#include <map>
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
constexpr std::uint64_t kMaxThreadgroupBytes = 32768;

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
      } else if (node.kind == "EnumConstantDecl" &&
                 node.text.starts_with(ingot::msl::kBytesPrefix)) {
        read_bytes(node);
      }
    }
    for (const auto& [function, bytes] : threadgroup_bytes_) {
      if (bytes > kMaxThreadgroupBytes) {
        add(function->name,
            "threadgroup-memory",
            fmt::format("the kernel declares {} bytes of threadgroup memory; the limit is {}",
                        bytes,
                        kMaxThreadgroupBytes),
            "a threadgroup has no more");
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

  // The enumerators that the emitter put into kernels. In a template they have no value yet.
  void read_bytes(const Node& node) {
    const Node* function = program_.tree.function_around(node);
    const Node* value = function != nullptr ? program_.tree.descendant(node, "value:") : nullptr;
    if (value != nullptr) {
      std::uint64_t bytes = 0;
      const std::string_view digits = value->text.substr(value->text.find(' ') + 1);
      std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
      threadgroup_bytes_[function] += bytes;
    }
  }

  void add(Position position, std::string_view rule, std::string message, std::string_view reason) {
    problems_.push_back(
        problem(program_.module, program_.token(position), rule, std::move(message), reason));
  }

  const Analysed& program_;
  const unsigned metal_version_;
  ingot::msl::Syntax syntax_;
  std::map<const Node*, std::uint64_t> threadgroup_bytes_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::vector<Diagnostic> check_language(const Analysed& program, unsigned metal_version) {
  return LanguageRules(program, metal_version).run();
}

}  // namespace softmetal::strict
