#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "softmetal/strict/problem.hpp"
#include "softmetal/strict/tree_rules.hpp"

namespace softmetal::strict {
namespace {

struct Call {
  const Node* callee;
  Position position;
};

class CallRules {
 public:
  explicit CallRules(const Analysed& program) : program_(program), tree_(program.tree) {}

  std::vector<Diagnostic> run() {
    find_kernels();
    for (const Node& node : tree_.nodes()) {
      read_call(node);
    }
    for (const auto& [function, calls] : calls_) {
      if (done_.count(function) == 0) {
        follow(function);
      }
    }
    return std::move(problems_);
  }

 private:
  void find_kernels() {
    for (const ingot::msl::KernelFunction& kernel : program_.module.functions) {
      for (const ingot::msl::Declaration& declaration : program_.module.declarations) {
        if (declaration.tokens.first == kernel.tokens.first) {
          kernels_.insert(declaration.name_token);
        }
      }
    }
  }

  void read_call(const Node& node) {
    const bool names_function =
        node.kind == "DeclRefExpr" && (node.text.find(" Function 0x") != std::string_view::npos ||
                                       node.text.find(" CXXMethod 0x") != std::string_view::npos);
    const bool names_method =
        node.kind == "MemberExpr" && node.text.starts_with("'<bound member function type>'");
    const Node* callee =
        names_function || names_method ? first_declaration(id_in(node.text)) : nullptr;
    const Node* caller = callee != nullptr ? tree_.function_around(node) : nullptr;
    if (caller == nullptr || callee->name.line == 0) {
      return;
    }
    caller = first_declaration(caller->id);
    calls_[caller].push_back({callee, node.begin});
    calls_.try_emplace(callee);
    if (kernels_.count(program_.token(callee->name)) != 0) {
      add(node.begin,
          "kernel-call",
          fmt::format("the kernel '{}' is called", program_.name(*callee)),
          "only the host starts kernels; move what they share into a function");
    }
  }

  // A function may be declared several times.
  const Node* first_declaration(std::uint64_t id) const {
    const Node* node = tree_.declaration(id);
    while (node != nullptr && node->before != 0 && tree_.declaration(node->before) != nullptr) {
      node = tree_.declaration(node->before);
    }
    return node;
  }

  // Walks along the calls; one to a function that is on the way is recursion.
  void follow(const Node* start) {
    struct Step {
      const Node* function;
      std::size_t next = 0;
    };
    std::vector<Step> way = {{start}};
    while (!way.empty()) {
      const std::vector<Call>& calls = calls_[way.back().function];
      if (way.back().next == calls.size()) {
        done_.insert(way.back().function);
        way.pop_back();
        continue;
      }
      const Call call = calls[way.back().next++];
      const auto seen = std::find_if(
          way.begin(), way.end(), [&](const Step& step) { return step.function == call.callee; });
      if (seen != way.end()) {
        std::string cycle;
        for (auto step = seen; step != way.end(); ++step) {
          cycle += fmt::format("'{}' calls ", program_.name(*step->function));
        }
        add(call.position,
            "recursion",
            fmt::format("recursion: {}'{}'", cycle, program_.name(*call.callee)),
            "the stack of a GPU's thread is of fixed size; use a loop");
      } else if (done_.count(call.callee) == 0) {
        way.push_back({call.callee});
      }
    }
  }

  void add(Position position, std::string_view rule, std::string message, std::string_view reason) {
    problems_.push_back(
        problem(program_.module, program_.token(position), rule, std::move(message), reason));
  }

  const Analysed& program_;
  const SyntaxTree& tree_;
  std::set<std::size_t> kernels_;  // the tokens of their names
  std::map<const Node*, std::vector<Call>> calls_;
  std::set<const Node*> done_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::string Analysed::name(const Node& declaration) const {
  const std::size_t first = token(declaration.name);
  std::string name(module.lexed.spelling(first));
  if (name == "operator") {
    name += module.lexed.spelling(first + 1);
    name += name.ends_with('(') ? ")" : "";
  }
  return name;
}

std::vector<Diagnostic> check_calls(const Analysed& program) {
  return CallRules(program).run();
}

}  // namespace softmetal::strict
