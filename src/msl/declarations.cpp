#include "msl/declarations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace ingot::msl {
namespace {

struct Scope {
  std::string name;
  bool is_class = false;
};

std::string qualify(const std::string& scope, std::string_view name) {
  return scope.empty() ? std::string(name) : fmt::format("{}::{}", scope, name);
}

bool is_class_key(std::string_view word) {
  return word == "struct" || word == "class" || word == "union" || word == "enum";
}

class DeclarationReader {
 public:
  explicit DeclarationReader(const Syntax& syntax) : syntax_(syntax) {}

  std::vector<Declaration> run() {
    read_scope(0, syntax_.size(), {});
    return std::move(declarations_);
  }

 private:
  // A function's name, seen while its declaration is walked over: `Class<T>::name`.
  struct Path {
    std::string text;
    std::string last;
    std::size_t first_token = kNone;
    std::size_t last_token = kNone;
  };

  void read_scope(std::size_t first, std::size_t last, const Scope& scope) {
    std::size_t i = first;
    while (i < last) {
      const std::string_view word = syntax_[i];
      const bool is_namespace =
          word == "namespace" || (word == "inline" && syntax_.is(i + 1, "namespace"));
      if (word == ";") {
        ++i;
      } else if (is_namespace) {
        i = read_namespace(i, last, scope);
      } else if (word == "extern" && syntax_.is(i + 2, "{")) {  // extern "C" {
        read_scope(i + 3, syntax_.match(i + 2), scope);
        i = syntax_.match(i + 2) + 1;
      } else if (scope.is_class && syntax_.is(i + 1, ":") &&
                 (word == "public" || word == "private" || word == "protected")) {
        i += 2;
      } else {
        i = read_declaration(i, last, scope);
      }
    }
  }

  std::size_t read_namespace(std::size_t i, std::size_t end, const Scope& scope) {
    Scope inner = scope;
    for (; i < end && !syntax_.is(i, "{") && !syntax_.is(i, ";"); ++i) {
      if (syntax_.is_attribute_list(i)) {
        i = syntax_.match(i);
      } else if (syntax_.is_identifier(i) && !syntax_.is(i, "namespace") &&
                 !syntax_.is(i, "inline")) {
        inner.name = qualify(inner.name, syntax_[i]);
      }
    }
    if (i >= end) {
      throw compile_error(syntax_.location(end), "the namespace has no body");
    }
    if (syntax_.is(i, ";")) {  // namespace a = b;
      return i + 1;
    }
    read_scope(i + 1, syntax_.match(i), inner);
    return syntax_.match(i) + 1;
  }

  std::size_t read_declaration(std::size_t i, std::size_t end, const Scope& scope) {
    Declaration declaration;
    declaration.scope = scope.name;
    declaration.in_class = scope.is_class;
    declaration.tokens.first = i;
    declaration.header.first = i;
    while (syntax_.is(i, "template") && syntax_.is(i + 1, "<")) {
      const std::size_t after = syntax_.skip_angles(i + 1, end);
      if (after == kNone) {
        throw compile_error(syntax_.location(i), "the template's parameter list has no end");
      }
      i = after;
    }
    declaration.header.last = i;
    declaration.specifiers.first = i;
    const std::string_view word = syntax_[i];
    if (word == "template" || (word == "extern" && syntax_.is(i + 1, "template"))) {
      declaration.kind = DeclarationKind::kInstantiation;
      return finish(std::move(declaration), statement_end(i, end));
    }
    if (word == "using" || word == "typedef") {
      return read_alias(i, end, std::move(declaration));
    }
    if (word == "static_assert" || word == "_Static_assert") {
      return statement_end(i, end);
    }
    return read_outline(i, end, scope, std::move(declaration));
  }

  std::size_t read_alias(std::size_t i, std::size_t end, Declaration declaration) {
    const std::size_t after = statement_end(i, end);
    declaration.kind = DeclarationKind::kType;
    if (syntax_.is(i, "using")) {
      if (!syntax_.is_identifier(i + 1) || syntax_.is(i + 1, "namespace")) {
        return after;
      }
      declaration.name_token = i + 1;
    } else {
      const Declarator declarator =
          syntax_.declarator(syntax_.skip_specifiers(i + 1, after - 1), after - 1);
      if (declarator.name == kNone) {
        return after;
      }
      declaration.name_token = declarator.name;
    }
    declaration.name = syntax_[declaration.name_token];
    declaration.qualified = qualify(declaration.scope, declaration.name);
    return finish(std::move(declaration), after);
  }

  // Walks over specifiers and declarator until it is clear what is declared.
  std::size_t read_outline(std::size_t i,
                           std::size_t end,
                           const Scope& scope,
                           Declaration declaration) {
    Path path;
    bool has_class_key = false;
    while (i < end) {
      const std::string_view word = syntax_[i];
      if (syntax_.is_attribute_list(i)) {
        i = syntax_.match(i) + 1;
      } else if (takes_group(word) && syntax_.is(i + 1, "(")) {
        i = syntax_.match(i + 1) + 1;
      } else if (word == "operator") {
        i = read_operator_name(i, end, path);
        if (i < end) {
          return read_function(i, end, scope, path, std::move(declaration));
        }
      } else if (word == ";" || word == "=") {
        return has_class_key && word == ";" ? read_class(i, end, std::move(declaration))
                                            : read_variables(end, std::move(declaration));
      } else if (word == "{") {
        return has_class_key ? read_class(i, end, std::move(declaration))
                             : read_variables(end, std::move(declaration));
      } else if (word == "(" && starts_parameters(i, path)) {
        return read_function(i, end, scope, path, std::move(declaration));
      } else {
        has_class_key = has_class_key || is_class_key(word);
        if (syntax_.is_identifier(i)) {
          extend(path, i);
        }
        i = syntax_.skip_element(i, end);
      }
    }
    throw compile_error(syntax_.location(declaration.tokens.first),
                        "the declaration has no end",
                        "close it with ;");
  }

  void extend(Path& path, std::size_t i) const {
    const bool continues = i > 0 && syntax_.is(i - 1, "::") && !path.text.empty();
    path.last =
        i > 0 && syntax_.is(i - 1, "~") ? fmt::format("~{}", syntax_[i]) : std::string(syntax_[i]);
    path.text = continues ? fmt::format("{}::{}", path.text, path.last) : path.last;
    path.first_token = continues ? path.first_token : i;
    path.last_token = i;
  }

  // Leaves `i` at the `(` of the parameters.
  std::size_t read_operator_name(std::size_t i, std::size_t end, Path& path) const {
    extend(path, i);
    const std::size_t first = i++;
    if (syntax_.is(i, "(")) {  // operator()
      i = syntax_.match(i) + 1;
    }
    while (i < end && !syntax_.is(i, "(")) {
      ++i;
    }
    const std::string name = syntax_.join({first, i});
    path.text.replace(path.text.size() - path.last.size(), path.last.size(), name);
    path.last = name;
    return i;
  }

  // `(` behind a name opens parameters, unless it groups a declarator, `(*f)`, or holds the value
  // of a variable, `x(1)`.
  bool starts_parameters(std::size_t i, const Path& path) const {
    if (path.last_token == kNone || i == 0) {
      return false;
    }
    const bool behind_name =
        path.last_token == i - 1 || syntax_.is(i - 1, ">") || syntax_.is(i - 1, ">>");
    const std::string_view inside = syntax_[i + 1];
    const bool grouped = inside == "*" || inside == "&" || inside == "&&";
    const bool value = !inside.empty() && inside != ")" && inside != "..." && inside != "::" &&
                       inside != "[" && !syntax_.is_identifier(i + 1);
    return behind_name && !grouped && !value;
  }

  std::size_t read_function(std::size_t i,
                            std::size_t end,
                            const Scope& scope,
                            const Path& path,
                            Declaration declaration) {
    declaration.kind = DeclarationKind::kFunction;
    declaration.name = path.last;
    declaration.qualified = qualify(scope.name, path.text);
    declaration.name_token = path.last_token;
    declaration.specifiers.last = path.first_token;
    declaration.parameters = {i + 1, syntax_.match(i)};
    i = syntax_.match(i) + 1;
    declaration.qualifiers.first = i;
    while (i < end && !syntax_.is(i, "{") && !syntax_.is(i, ";") && !syntax_.is(i, ":") &&
           !syntax_.is(i, "=") && !syntax_.is(i, ",")) {
      i = syntax_.skip_element(i, end);
    }
    declaration.qualifiers.last = std::min(i, end);
    if (i < end && syntax_.is(i, ":")) {
      i = skip_member_initialisers(i, end);
    }
    if (i < end && syntax_.is(i, "{")) {
      const std::size_t after = syntax_.match(i) + 1;
      declaration.body = {i, after};
      return finish(std::move(declaration), after);
    }
    return finish(std::move(declaration), statement_end(i, end));
  }

  // From the `:` to the `{` of the constructor's body.
  std::size_t skip_member_initialisers(std::size_t i, std::size_t end) const {
    do {
      ++i;
      while (i < end && !syntax_.opens(i)) {
        i = syntax_.skip_element(i, end);
      }
      i = i < end ? syntax_.match(i) + 1 : end;
      i += i < end && syntax_.is(i, "...") ? 1 : 0;
    } while (i < end && syntax_.is(i, ","));
    return i;
  }

  // `i` is at the body or, without one, at the `;`.
  std::size_t read_class(std::size_t i, std::size_t end, Declaration declaration) {
    std::size_t name = declaration.specifiers.first;
    while (name < i && !is_class_key(syntax_[name])) {
      name = syntax_.skip_element(name, i);
    }
    while (name < i && (is_class_key(syntax_[name]) || syntax_.is_attribute_list(name) ||
                        takes_group(syntax_[name]) || syntax_.is(name, "("))) {
      name = syntax_.skip_element(name, i);
    }
    while (name + 2 < i && syntax_.is(name + 1, "::")) {
      name += 2;
    }
    const bool has_body = syntax_.is(i, "{");
    const std::size_t body_end = has_body ? syntax_.match(i) + 1 : i;
    const bool has_variables =
        has_body ? !syntax_.is(body_end, ";")
                 : !syntax_.is(syntax_.skip_specifiers(declaration.specifiers.first, end), ";");
    const std::size_t after = statement_end(body_end, end);
    if (!has_body && has_variables) {
      return read_variables(end, std::move(declaration));
    }
    Declaration type = declaration;
    type.kind = DeclarationKind::kType;
    type.name_token = name;
    type.name = name < i && syntax_.is_identifier(name) ? syntax_[name] : std::string_view();
    type.qualified = qualify(declaration.scope, type.name);
    type.body = has_body ? TokenRange{i, body_end} : TokenRange{};
    const Scope inner{type.qualified, true};
    const bool is_enum = syntax_.contains({declaration.specifiers.first, name}, "enum");
    finish(std::move(type), after);
    if (has_body && !is_enum) {
      read_scope(i + 1, body_end - 1, inner);
    }
    if (has_variables) {
      declaration.specifiers.last = body_end;
      read_declarators(body_end, after, std::move(declaration));
    }
    return after;
  }

  std::size_t read_variables(std::size_t end, Declaration declaration) {
    const std::size_t first = syntax_.skip_specifiers(declaration.specifiers.first, end);
    declaration.specifiers.last = first;
    const std::size_t after = statement_end(first, end);
    read_declarators(first, after, std::move(declaration));
    return after;
  }

  // Each declarator of a statement that ends before `after` is a declaration of its own.
  void read_declarators(std::size_t i, std::size_t after, Declaration declaration) {
    const std::size_t end = after - 1;
    while (i < end) {
      const Declarator declarator = syntax_.declarator(i, end);
      if (declarator.name != kNone) {
        Declaration variable = declaration;
        variable.kind = DeclarationKind::kVariable;
        variable.name = syntax_[declarator.name];
        variable.qualified = qualify(declaration.scope, variable.name);
        variable.name_token = declarator.name;
        variable.declarator = {i, declarator.end};
        finish(std::move(variable), after);
      }
      i = declarator.end;
      while (i < end && !syntax_.is(i, ",")) {
        i = syntax_.skip_element(i, end);
      }
      ++i;
    }
  }

  std::size_t statement_end(std::size_t i, std::size_t end) const {
    const std::size_t semicolon = syntax_.find_semicolon(i, end);
    if (semicolon >= end) {
      throw compile_error(syntax_.location(i), "a ; is missing behind this declaration");
    }
    return semicolon + 1;
  }

  std::size_t finish(Declaration declaration, std::size_t after) {
    declaration.tokens.last = after;
    declarations_.push_back(std::move(declaration));
    return after;
  }

  const Syntax& syntax_;
  std::vector<Declaration> declarations_;
};

}  // namespace

std::vector<Declaration> read_declarations(const Syntax& syntax) {
  return DeclarationReader(syntax).run();
}

}  // namespace ingot::msl
