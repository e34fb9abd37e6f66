#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "msl/syntax.hpp"
#include "softmetal/strict/address_spaces.hpp"
#include "softmetal/strict/problem.hpp"
#include "softmetal/strict/tree_rules.hpp"

namespace softmetal::strict {
namespace {

constexpr std::string_view kMissing = "write device, constant, threadgroup or thread";

// Metal wants a word where the dialect puts __generic, and where a template leaves it open, but not
// for a reference to a pointer.
bool lacks_space(std::string_view type) {
  if (type.find('&') != std::string_view::npos &&
      type.substr(0, type.find('&')).find('*') != std::string_view::npos) {
    type = type.substr(0, type.find('*'));
  }
  if (type.find("__generic") != std::string_view::npos) {
    return true;
  }
  while (type.ends_with(' ') || type.ends_with("const") || type.ends_with("__private")) {
    type.remove_suffix(type.ends_with(' ') ? 1 : type.ends_with("const") ? 5 : 9);
  }
  const bool refers = type.ends_with('*') || (type.ends_with('&') && !type.ends_with("&&"));
  return refers && space_of(type) == Space::kNone && type.find("auto") == std::string_view::npos;
}

bool is_cast(const Node& node) {
  return node.kind == "CStyleCastExpr" || node.kind == "CXXReinterpretCastExpr" ||
         node.kind == "CXXStaticCastExpr" || node.kind == "CXXConstCastExpr" ||
         node.kind == "CXXFunctionalCastExpr";
}

// Made by the compiler, as copy constructors and the functions of lambdas are.
bool is_implicit(const Node& declaration) {
  const std::string_view flags = declaration.text.substr(0, declaration.text.find('\''));
  return flags.find("implicit ") != std::string_view::npos;
}

class AddressSpaceRules {
 public:
  explicit AddressSpaceRules(const Analysed& program)
      : program_(program), tree_(program.tree), syntax_(program.module.lexed) {}

  std::vector<Diagnostic> run() {
    for (const Node& node : tree_.nodes()) {
      if (node.name.line == 0) {
        continue;
      }
      if (node.kind.ends_with("Decl")) {
        check_declaration(node);
      } else if (is_cast(node) && lacks_space(quoted(node.text))) {
        check_cast(node);
      } else if (node.text.find("<AddressSpaceConversion>") != std::string_view::npos) {
        check_conversion(node);
      }
    }
    return std::move(problems_);
  }

 private:
  void check_declaration(const Node& node) {
    const bool has_type = node.kind == "VarDecl" || node.kind == "ParmVarDecl" ||
                          node.kind == "FieldDecl" || node.kind == "TypedefDecl" ||
                          node.kind == "TypeAliasDecl";
    // Fields without a name are what a lambda captures.
    if ((!has_type && !is_function(node)) || is_implicit(node) || is_implicit(tree_.parent(node)) ||
        (node.kind == "FieldDecl" && node.text.starts_with('\''))) {
      return;
    }
    std::string_view type = quoted(node.text);
    if (is_function(node)) {
      type = type.substr(0, type.find('('));
    }
    const std::size_t name = program_.token(node.name);
    // An array as a parameter is a pointer to thread memory.
    const bool is_array = node.kind == "ParmVarDecl" && syntax_.is(name + 1, "[") &&
                          !syntax_.is_attribute_list(name + 1);
    if (is_array || points_to_function(type) || !lacks_space(type) ||
        program_.text.thread_references.count(name) != 0 ||
        syntax_.contains({program_.token(node.begin), name}, "auto")) {
      return;
    }
    const bool is_reference = type.find('&') != std::string_view::npos;
    add(name,
        fmt::format("the {} has no address space: '{}'",
                    is_function(node) ? (is_reference ? "returned reference" : "returned pointer")
                    : is_reference    ? "reference"
                                      : "pointer",
                    in_words_of_metal(type)),
        kMissing);
  }

  // Implicit functions cast too.
  void check_cast(const Node& cast) {
    const Node* function = tree_.function_around(cast);
    if (function == nullptr || !is_implicit(*function)) {
      add(program_.token(cast.begin),
          fmt::format("a cast to '{}', which has no address space",
                      in_words_of_metal(quoted(cast.text))),
          kMissing);
    }
  }

  void check_conversion(const Node& cast) {
    const Node* operand = tree_.child(cast);
    if (operand == nullptr) {
      return;
    }
    const Space from = space_of(quoted(operand->text));
    const Space to = space_of(quoted(cast.text));
    if (from == Space::kNone || from == Space::kGeneric || from == to) {
      return;
    }
    if (cast.text.find("part_of_explicit_cast") != std::string_view::npos ||
        cast.kind != "ImplicitCastExpr") {
      if (to != Space::kGeneric) {
        add(program_.token(cast.begin),
            fmt::format("a cast from {} to {}", name_of(from), name_of(to)),
            kNoConversion);
      }
      return;
    }
    const std::optional<std::string> use = describe_use(cast, from, to);
    if (use) {
      add(program_.token(cast.begin),
          fmt::format("a {} object {}", name_of(from), *use),
          kNoConversion);
    }
  }

  // What the converted object is taken for, or nullopt where Metal takes it too: conversions to
  // generic that do not come of the source's own words for thread.
  std::optional<std::string> describe_use(const Node& cast, Space from, Space to) const {
    const Node& user = tree_.parent(cast);
    const bool from_thread = from == Space::kThread;
    const bool to_constant = to == Space::kConstant;
    if (user.kind == "MemberExpr") {
      const Node* method = tree_.declaration(id_in(user.text));
      return method != nullptr && !from_thread && !to_constant && is_written(*method)
                 ? describe_method(*method)
                 : std::nullopt;
    }
    if (user.kind == "CallExpr" || user.kind == "CXXMemberCallExpr" ||
        user.kind == "CXXOperatorCallExpr") {
      return describe_argument(cast, user, from, to);
    }
    if (to_constant) {
      return "where one in constant memory is expected";
    }
    const Node* declared = user.kind == "ReturnStmt" ? tree_.function_around(user) : &user;
    const bool is_thread = declared != nullptr && declared->name.line != 0 &&
                           declared->kind.ends_with("Decl") &&
                           program_.text.thread_references.count(program_.token(declared->name));
    return is_thread && !from_thread
               ? std::optional<std::string>("where one in thread memory is expected")
               : std::nullopt;
  }

  std::optional<std::string> describe_argument(const Node& cast,
                                               const Node& call,
                                               Space from,
                                               Space to) const {
    const Node* callee = tree_.child(call);
    const Node* reference = callee == nullptr || callee->kind == "DeclRefExpr"
                                ? callee
                                : tree_.descendant(*callee, "DeclRefExpr");
    if (call.kind == "CXXMemberCallExpr") {
      reference = callee;
    }
    if (reference == nullptr) {
      return std::nullopt;
    }
    const bool is_method = reference->text.find(" CXXMethod 0x") != std::string_view::npos;
    const Node* function = tree_.declaration(id_in(reference->text));
    if (function == nullptr) {
      return describe_argument_of_library(cast, call, reference->text, from);
    }
    if (is_method && tree_.rank(cast) == 1) {  // the object of an operator
      return from != Space::kThread && to != Space::kConstant && is_written(*function)
                 ? describe_method(*function)
                 : std::nullopt;
    }
    if (!is_written(*function) || (from == Space::kThread && to == Space::kGeneric)) {
      return std::nullopt;
    }
    return fmt::format("is passed to '{}', which takes one in {} memory",
                       program_.name(*function),
                       to == Space::kConstant ? "constant" : "thread");
  }

  // The library's functions are generic here. Those that give back a second result write it to
  // thread memory; objects that threads share are no thread's.
  std::optional<std::string> describe_argument_of_library(const Node& cast,
                                                          const Node& call,
                                                          std::string_view callee,
                                                          Space from) const {
    const auto calls = [&](std::string_view name) {
      return callee.find(fmt::format(" '{}", name)) != std::string_view::npos;
    };
    const std::size_t rank = tree_.rank(cast);
    const bool is_shared = (rank == 1 && calls("atomic_")) ||
                           (rank == 2 && (calls("simdgroup_load") || calls("simdgroup_store")));
    if (from == Space::kThread) {
      return is_shared ? std::optional<std::string>(
                             "where one in device or threadgroup memory is expected")
                       : std::nullopt;
    }
    const bool is_result = call.kind == "CallExpr" && !quoted(cast.text).starts_with("const") &&
                           cast.text.find(" lvalue ") != std::string_view::npos;
    return is_result ? std::optional<std::string>("where one in thread memory is expected")
                     : std::nullopt;
  }

  std::optional<std::string> describe_method(const Node& method) const {
    return fmt::format(
        "is given to the member function '{}', which is for objects in thread "
        "memory",
        program_.name(method));
  }

  // A function with a name in the source; that of a lambda's function is its bracket.
  bool is_written(const Node& function) const {
    return function.name.line != 0 && !is_implicit(function) &&
           syntax_.is_identifier(program_.token(function.name));
  }

  void add(std::size_t token, std::string message, std::string_view reason) {
    problems_.push_back(
        problem(program_.module, token, "address-space", std::move(message), reason));
  }

  const Analysed& program_;
  const SyntaxTree& tree_;
  ingot::msl::Syntax syntax_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::vector<Diagnostic> check_address_spaces(const Analysed& program) {
  return AddressSpaceRules(program).run();
}

}  // namespace softmetal::strict
