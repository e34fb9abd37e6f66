#include "msl/cpp_emitter.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "msl/analysis.hpp"
#include "msl/literals.hpp"

namespace ingot::msl {

CppEmitter::CppEmitter(const Translation& request)
    : request_(request),
      module_(*request.module),
      syntax_(module_.lexed),
      edits_(module_.lexed),
      in_template_(tokens_in_templates(module_)) {}

std::string CppEmitter::text() {
  if (request_.kernel != nullptr) {
    check_constants();
  }
  for (const TokenRange instantiation : module_.instantiations) {
    edits_.blank(instantiation);
  }
  for (const TokenRange duplicate : address_space_duplicates(module_)) {
    edits_.blank(duplicate);
  }
  for (const FunctionConstant& constant : module_.constants) {
    const std::string* value = value_of(constant);
    edits_.replace(constant.attribute, value != nullptr ? "= " + *value : "= {}");
  }
  for (const KernelFunction& function : module_.functions) {
    keep_storage(function);
    for (const ThreadgroupDeclaration& declaration : function.threadgroup) {
      edits_.replace(declaration.tokens, threadgroup_variables(declaration));
    }
  }
  for (const Declaration& declaration : module_.declarations) {
    rewrite_constructor(declaration);
  }
  rewrite_attributes();
  rewrite_swizzles(edits_);
  rewrite_words();
  return edits_.apply();
}

void CppEmitter::check_constants() const {
  for (const FunctionConstant* constant : required_constants(module_, *request_.kernel)) {
    if (value_of(*constant) == nullptr) {
      throw compile_error(
          constant->location,
          fmt::format("the kernel '{}' needs a value for the function constant '{}' (index {})",
                      request_.kernel->name,
                      constant->name,
                      constant->index),
          "set it before making the pipeline");
    }
  }
}

const std::string* CppEmitter::value_of(const FunctionConstant& constant) const {
  auto found = request_.constants.find(std::to_string(constant.index));
  if (found == request_.constants.end()) {
    found = request_.constants.find(constant.name);
  }
  return found != request_.constants.end() ? &found->second : nullptr;
}

// The word `kernel` becomes `static`, which cannot stand twice, nor in an explicit
// specialisation.
void CppEmitter::keep_storage(const KernelFunction& function) {
  std::size_t word = function.tokens.first;
  while (word < function.tokens.last && !syntax_.is(word, "kernel")) {
    ++word;
  }
  const TokenRange before{function.tokens.first, word};
  const bool is_specialisation = syntax_.is(before.first, "template") && !function.is_template;
  if (is_specialisation || syntax_.contains(before, "static")) {
    edits_.replace(word, "");
  }
}

// `constexpr Log(int level) constant {}` makes objects of the constant address space; no
// constructor can be const.
void CppEmitter::rewrite_constructor(const Declaration& declaration) {
  const std::string& scope = declaration.scope;
  const std::size_t cut = scope.rfind("::");
  if (declaration.kind != DeclarationKind::kFunction || !declaration.in_class ||
      declaration.name != scope.substr(cut == std::string::npos ? 0 : cut + 2)) {
    return;
  }
  for (std::size_t i = declaration.qualifiers.first; i < declaration.qualifiers.last; ++i) {
    if (syntax_.is(i, "constant")) {
      edits_.replace(i, "");
    }
  }
}

void CppEmitter::rewrite_attributes() {
  for (const AttributeList& list : module_.attributes) {
    if (!list.is_metal) {
      continue;
    }
    for (std::size_t i = list.tokens.first; i < list.tokens.last; ++i) {
      if (!edits_.is_edited(i) && !syntax_.is(i, "kernel")) {
        edits_.replace(i, "");
      }
    }
  }
}

void CppEmitter::rewrite_words() {
  for (std::size_t i = 0; i < syntax_.size(); ++i) {
    const std::string_view word = syntax_[i];
    if (edits_.is_edited(i)) {
      continue;
    }
    if (word == "kernel") {
      // Kernels that are not asked for then cost no code generation.
      edits_.replace(i, "static");
    } else if (word == "constant") {
      // At program scope a const variable has internal linkage, as `constant` gives it.
      edits_.replace(i, is_const_already(i) ? "" : "const");
    } else if (is_address_space(word)) {
      edits_.replace(i, "");
    } else if (word == "is_function_constant_defined" && syntax_.is(i + 1, "(")) {
      rewrite_defined_query(i);
    } else if (module_.lexed.tokens[i].kind == TokenKind::kNumber) {
      rewrite_number(i, word);
    }
  }
}

// A second const beside `const constant T` would be a duplicate.
bool CppEmitter::is_const_already(std::size_t word) const {
  const auto is_storage = [&](std::size_t i) {
    return syntax_.is(i, "static") || syntax_.is(i, "constexpr") || syntax_.is(i, "inline");
  };
  std::size_t before = word;
  while (before > 0 && is_storage(before - 1)) {
    --before;
  }
  std::size_t after = word + 1;
  while (is_storage(after)) {
    ++after;
  }
  return syntax_.is(after, "const") || (before > 0 && syntax_.is(before - 1, "const"));
}

void CppEmitter::rewrite_defined_query(std::size_t i) {
  const std::size_t close = syntax_.match(i + 1);
  const std::string name = syntax_.join({i + 2, close});
  const auto constant = std::find_if(
      module_.constants.begin(), module_.constants.end(), [&](const FunctionConstant& c) {
        return c.name == name ||
               (c.name.size() > name.size() + 2 &&
                c.name.compare(c.name.size() - name.size() - 2, std::string::npos, "::" + name) ==
                    0);
      });
  if (constant == module_.constants.end()) {
    throw compile_error(syntax_.location(i), fmt::format("'{}' is not a function constant", name));
  }
  edits_.replace({i, close + 1}, value_of(*constant) != nullptr ? "true" : "false");
}

// A literal without a suffix is a float in Metal; clang takes it for one on request, but forgets
// that where it instantiates templates.
void CppEmitter::rewrite_number(std::size_t i, std::string_view number) {
  if (const auto literal = cpp_literal(number)) {
    edits_.replace(i, *literal);
  } else if (in_template_[i] && is_real_without_suffix(number)) {
    edits_.replace(i, std::string(number) + "f");
  }
}

std::string callable_of(const Module& module, const Kernel& kernel) {
  // Qualified, since <metal_stdlib> may have functions of the kernel's name.
  const std::size_t arguments = std::min(kernel.callable.find('<'), kernel.callable.size());
  const std::string name =
      fmt::format("::{}{}", module.function(kernel).name, kernel.callable.substr(arguments));
  return kernel.signature.empty()
             ? fmt::format("({})", name)
             : fmt::format("(static_cast<void (*)({})>({}))", kernel.signature, name);
}

}  // namespace ingot::msl
