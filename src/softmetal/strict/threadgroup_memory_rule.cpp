#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "softmetal/shim/softmetal/abi.h"
#include "softmetal/strict/problem.hpp"
#include "softmetal/strict/tree_rules.hpp"

namespace softmetal::strict {
namespace {

// The value of one of the enumerators that the emitter put into kernels; 0 in a template, where it
// has none yet.
std::uint64_t value_of(const SyntaxTree& tree, const Node& enumerator) {
  const Node* value = tree.descendant(enumerator, "value:");
  std::uint64_t bytes = 0;
  if (value != nullptr) {
    const std::string_view digits = value->text.substr(value->text.find(' ') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  }
  return bytes;
}

// What is declared below `node`. Of the two branches of an if only one counts: which one is taken
// may be known to the compiler, and then the other's variables are gone.
std::uint64_t bytes_below(const SyntaxTree& tree, const Node& node) {
  if (node.kind == "EnumConstantDecl") {
    return node.text.starts_with(ingot::msl::kBytesPrefix) ? value_of(tree, node) : 0;
  }
  std::vector<std::uint64_t> bytes;
  for (const Node* child = tree.child(node); child != nullptr; child = tree.sibling(*child)) {
    bytes.push_back(bytes_below(tree, *child));
  }
  const bool has_else =
      node.kind == "IfStmt" && node.text.find("has_else") != std::string_view::npos;
  if (has_else && bytes.size() >= 2) {
    const std::uint64_t otherwise = bytes.back();
    bytes.pop_back();
    bytes.back() = std::max(bytes.back(), otherwise);
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t each : bytes) {
    sum += each;
  }
  return sum;
}

}  // namespace

std::vector<Diagnostic> check_threadgroup_memory(const Analysed& program) {
  std::set<const Node*> kernels;
  for (const Node& node : program.tree.nodes()) {
    if (node.kind == "EnumConstantDecl" && node.text.starts_with(ingot::msl::kBytesPrefix)) {
      kernels.insert(program.tree.function_around(node));
    }
  }
  kernels.erase(nullptr);
  std::vector<Diagnostic> problems;
  for (const Node* kernel : kernels) {
    const std::uint64_t bytes = bytes_below(program.tree, *kernel);
    if (bytes <= kThreadgroupMemoryLimit) {
      continue;
    }
    const bool is_instance = program.tree.parent(*kernel).kind == "FunctionTemplateDecl";
    problems.push_back(problem(
        program.module,
        program.token(kernel->name),
        "threadgroup-memory",
        fmt::format("{} {} bytes of threadgroup memory; the limit is {}",
                    is_instance ? "an instance of the kernel declares" : "the kernel declares",
                    bytes,
                    kThreadgroupMemoryLimit),
        "no pipeline can be made of it"));
    problems.back().severity = is_instance ? Severity::kWarning : Severity::kError;
  }
  return problems;
}

}  // namespace softmetal::strict
