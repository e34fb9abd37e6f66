#include "msl/reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "msl/argument_structs.hpp"
#include "msl/attributes.hpp"
#include "msl/constant_expression.hpp"
#include "msl/declarations.hpp"
#include "msl/kernel_function.hpp"
#include "msl/kernels.hpp"
#include "msl/threadgroup.hpp"
#include "msl/vocabulary.hpp"

namespace ingot::msl {
namespace {

constexpr std::array<std::string_view, 7> kOtherStages = {
    "vertex", "fragment", "mesh", "object", "intersection", "visible", "stitchable"};

// Whether a hint to unroll a loop has an argument of the program's, perhaps a macro: preprocessors
// do not expand those, and drop their definitions.
bool names_something(std::string_view pragma) {
  constexpr std::array<std::string_view, 5> kOptions = {
      "full", "enable", "disable", "assume_safety", "pragma"};
  const std::size_t open = pragma.find('(');
  if (open == std::string_view::npos ||
      (pragma.find(" unroll") > open && pragma.find(" loop ") > open)) {
    return false;
  }
  std::size_t depth = 0;
  for (std::size_t i = open; i < pragma.size(); ++i) {
    depth += pragma[i] == '(' ? 1 : 0;
    depth -= pragma[i] == ')' && depth > 0 ? 1 : 0;
    const std::size_t end = std::min(
        pragma.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", i),
        pragma.size());
    if (depth > 0 && end > i) {
      const std::string_view word = pragma.substr(i, end - i);
      if (std::find(kOptions.begin(), kOptions.end(), word) == kOptions.end()) {
        return true;
      }
      i = end - 1;
    }
  }
  return false;
}

// Only #pragma is left over by a preprocessor; it concerns the target's compiler, not the reader.
LexedText lex_preprocessed(std::string text, std::string name) {
  LexedText lexed = lex(std::move(text), std::move(name));
  for (const Token& token : lexed.tokens) {
    if (token.kind != TokenKind::kDirective) {
      continue;
    }
    const std::string_view line = lexed.spelling(token);
    const std::size_t word = line.find_first_not_of(" \t", 1);
    if (word == std::string_view::npos || line.substr(word, 6) != "pragma") {
      throw compile_error(lexed.location(token),
                          fmt::format("the text is not preprocessed: {}", line.substr(0, 60)),
                          "run it through clang -E first");
    }
    if (names_something(line)) {
      lexed.text.replace(token.offset, token.length, token.length, ' ');
    }
  }
  std::erase_if(lexed.tokens, [](const Token& t) { return t.kind == TokenKind::kDirective; });
  return lexed;
}

class Reader {
 public:
  // `problems`: takes what would be thrown, so that reading goes on; may be nullptr.
  Reader(Module& module, std::vector<Error>* problems)
      : module_(module),
        syntax_(module.lexed),
        problems_(problems),
        constants_(syntax_, module.declarations = read_declarations(syntax_)),
        kernels_(module, syntax_, constants_) {}

  void run() {
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kVariable && !declaration.in_class) {
        attempt(declaration.tokens, [&] { read_variable(declaration); });
      }
    }
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kFunction) {
        attempt(declaration.tokens, [&] { read_function(declaration); });
      } else if (declaration.kind == DeclarationKind::kType && declaration.body.empty()) {
        handled_.push_back(declaration.tokens);  // a kernel's type has its attributes
      }
    }
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kInstantiation) {
        attempt(declaration.tokens, [&] { read_instantiation(declaration); });
      }
    }
    attempt({}, [&] {
      module_.argument_structs =
          read_argument_structs(syntax_, module_.declarations, constants_, handled_);
    });
    attempt({}, [&] { check_host_names(); });
    read_attribute_lists();
    attempt({}, [&] { check_vocabulary(syntax_, module_.declarations); });
  }

 private:
  template <typename Read>
  void attempt(TokenRange tokens, Read read) {
    try {
      read();
    } catch (const Error& problem) {
      if (problems_ == nullptr) {
        throw;
      }
      problems_->push_back(problem);
      failed_.push_back(tokens);
    }
  }

  // In a declaration with a problem, of which more need not be said.
  bool has_failed(std::size_t token) const {
    return std::any_of(failed_.begin(), failed_.end(), [&](const TokenRange& range) {
      return token >= range.first && token < range.last;
    });
  }

  void read_instantiation(const Declaration& declaration) {
    if (kernels_.add_instantiation(declaration)) {
      module_.instantiations.push_back(declaration.tokens);
      handled_.push_back(declaration.tokens);
    }
  }

  void read_variable(const Declaration& variable) {
    const Declarator declarator =
        syntax_.declarator(variable.declarator.first, variable.declarator.last);
    // A pointer is in constant memory itself only if `constant` stands behind its `*`.
    const bool is_constant = syntax_.contains(declarator.prefix, "constant") ||
                             (declarator.kind != ParameterKind::kPointer &&
                              syntax_.contains(variable.specifiers, "constant"));
    if (!is_constant) {
      throw compile_error(
          syntax_.location(variable.name_token),
          fmt::format("the program-scope variable '{}' is not in the constant address space",
                      variable.qualified),
          fmt::format("declare it as `constant T {} = ...;`", variable.name));
    }
    const auto [first, last] = variable.declarator;
    for (std::size_t i = first; i < last; ++i) {
      if (syntax_.is_attribute_list(i)) {
        read_function_constant(variable, {i, syntax_.match(i) + 1});
        i = syntax_.match(i);
      }
    }
  }

  void read_function_constant(const Declaration& variable, TokenRange list) {
    const std::vector<Attribute> attributes = read_attribute_list(syntax_, list.first);
    const Attribute* attribute = find_attribute(attributes, "function_constant");
    if (attribute == nullptr) {
      return;
    }
    FunctionConstant constant;
    constant.name = variable.qualified;
    constant.type = syntax_.join(variable.specifiers, {"constant", "static", "const", "constexpr"});
    constant.index = number_argument(syntax_, *attribute, constants_, variable.scope);
    constant.attribute = list;
    constant.location = syntax_.location(variable.name_token);
    if (attributes.size() != 1 || variable.declarator.last != list.last ||
        syntax_.is(list.last, "=")) {
      throw compile_error(constant.location,
                          fmt::format("the function constant '{}' has an initialiser or further "
                                      "attributes",
                                      constant.name),
                          "write `constant T name [[function_constant(n)]];`");
    }
    module_.constants.push_back(std::move(constant));
    handled_.push_back(list);
  }

  void read_function(const Declaration& declaration) {
    const std::vector<Attribute> attributes = read_attributes(syntax_, declaration.specifiers);
    for (const std::string_view stage : kOtherStages) {
      const bool is_keyword = stage == "vertex" || stage == "fragment";
      if (find_attribute(attributes, stage) != nullptr ||
          (is_keyword && syntax_.contains(declaration.specifiers, stage))) {
        throw compile_error(
            syntax_.location(declaration.name_token),
            fmt::format("{} functions are not supported: {}", stage, declaration.qualified),
            "Ingot runs kernels only");
      }
    }
    if (find_attribute(attributes, "kernel") == nullptr &&
        !has_kernel_word(syntax_, declaration.specifiers)) {
      read_helper(declaration);
      return;
    }
    handled_.push_back({declaration.tokens.first, declaration.qualifiers.last});
    if (declaration.in_class) {
      throw compile_error(
          syntax_.location(declaration.name_token),
          fmt::format("the kernel '{}' is a member function", declaration.qualified),
          "move it out of the class");
    }
    if (!declaration.body.empty()) {
      kernels_.add_definition(declaration, attributes);
    }
  }

  void read_helper(const Declaration& declaration) {
    handled_.push_back(declaration.parameters);  // Metal lets attributes stand there
    std::size_t ordinal = 0;
    const auto variables = read_threadgroup_variables(syntax_, declaration.body, ordinal);
    if (!variables.empty()) {
      const ThreadgroupVariable& variable = variables.front().variables.front();
      throw compile_error(
          variable.location,
          fmt::format("the threadgroup variable '{}' is not declared in a kernel", variable.name),
          "declare it in the kernel and pass a threadgroup pointer");
    }
  }

  void check_host_names() const {
    std::set<std::string_view> names;
    for (const Kernel& kernel : module_.kernels) {
      if (!names.insert(kernel.name).second) {
        throw compile_error(kernel.location,
                            fmt::format("two kernels have the name '{}'", kernel.name),
                            "give one of them another host_name");
      }
    }
  }

  bool is_handled(std::size_t token) const {
    const auto after = std::upper_bound(
        handled_.begin(), handled_.end(), token, [](std::size_t value, const TokenRange& range) {
          return value < range.first;
        });
    return after != handled_.begin() && token < std::prev(after)->last;
  }

  bool has_metal_attribute(std::size_t list) const {
    const bool handled = is_handled(list);
    bool found = false;
    for (const Attribute& attribute : read_attribute_list(syntax_, list)) {
      const bool is_metal = is_metal_attribute(attribute.name);
      if (!is_cpp_attribute(attribute.name) && !(is_metal && handled)) {
        throw compile_error(syntax_.location(attribute.token),
                            fmt::format("the attribute '{}' {}",
                                        attribute.name,
                                        is_metal ? "has no meaning here" : "is not supported"));
      }
      found = found || is_metal;
    }
    return found;
  }

  void read_attribute_lists() {
    std::sort(handled_.begin(), handled_.end(), [](const TokenRange& a, const TokenRange& b) {
      return a.first < b.first;
    });
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      if (!syntax_.is_attribute_list(i)) {
        continue;
      }
      AttributeList list{{i, syntax_.match(i) + 1}, false};
      if (!has_failed(i)) {
        attempt(list.tokens, [&] { list.is_metal = has_metal_attribute(i); });
      }
      i = list.tokens.last - 1;
      module_.attributes.push_back(list);
    }
  }

  Module& module_;
  Syntax syntax_;
  std::vector<Error>* problems_;
  std::vector<TokenRange> failed_;
  ConstantEvaluator constants_;
  KernelReader kernels_;
  std::vector<TokenRange> handled_;  // where Metal's attributes have been understood
};

}  // namespace

const Kernel* Module::find(std::string_view name) const {
  const auto found =
      std::find_if(kernels.begin(), kernels.end(), [&](const Kernel& k) { return k.name == name; });
  return found != kernels.end() ? &*found : nullptr;
}

Module read_module(std::string text, std::string name) {
  Module module;
  module.lexed = lex_preprocessed(std::move(text), std::move(name));
  Reader(module, nullptr).run();
  return module;
}

Module read_module(std::string text, std::string name, std::vector<Error>& problems) {
  Module module;
  module.lexed = lex_preprocessed(std::move(text), std::move(name));
  Reader(module, &problems).run();
  return module;
}

}  // namespace ingot::msl
