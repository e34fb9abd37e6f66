#include "msl/reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "msl/attributes.hpp"
#include "msl/declarations.hpp"
#include "msl/kernel_function.hpp"
#include "msl/threadgroup.hpp"

namespace ingot::msl {
namespace {

constexpr std::array<std::string_view, 7> kOtherStages = {
    "vertex", "fragment", "mesh", "object", "intersection", "visible", "stitchable"};

// Types of metal_stdlib that Ingot has no counterpart for. Followed by `<` in use:
constexpr std::array<std::string_view, 24> kUnsupportedTemplates = {"texture1d",
                                                                    "texture1d_array",
                                                                    "texture2d",
                                                                    "texture2d_array",
                                                                    "texture2d_ms",
                                                                    "texture2d_ms_array",
                                                                    "texture3d",
                                                                    "texture_buffer",
                                                                    "texturecube",
                                                                    "texturecube_array",
                                                                    "depth2d",
                                                                    "depth2d_array",
                                                                    "depth2d_ms",
                                                                    "depth2d_ms_array",
                                                                    "depthcube",
                                                                    "depthcube_array",
                                                                    "visible_function_table",
                                                                    "intersection_function_table",
                                                                    "intersector",
                                                                    "intersection_query",
                                                                    "acceleration_structure",
                                                                    "imageblock",
                                                                    "mesh",
                                                                    "tensor"};

// Followed by a name, `*` or `&` in use:
constexpr std::array<std::string_view, 6> kUnsupportedTypes = {"sampler",
                                                               "primitive_acceleration_structure",
                                                               "instance_acceleration_structure",
                                                               "command_buffer",
                                                               "compute_command",
                                                               "render_command"};

constexpr std::array<std::string_view, 4> kUnsupportedKeywords = {
    "vertex", "fragment", "threadgroup_imageblock", "object_data"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
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
  }
  std::erase_if(lexed.tokens, [](const Token& t) { return t.kind == TokenKind::kDirective; });
  return lexed;
}

class Reader {
 public:
  explicit Reader(Module& module) : module_(module), syntax_(module.lexed) {}

  void run() {
    module_.declarations = read_declarations(syntax_);
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kVariable && !declaration.in_class) {
        read_variable(declaration);
      }
    }
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kFunction) {
        read_function(declaration);
      }
    }
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kInstantiation) {
        read_instantiation(declaration);
      }
    }
    check_host_names();
    read_attribute_lists();
    check_words();
  }

 private:
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
    constant.index = number_argument(syntax_, *attribute);
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
    if (find_attribute(attributes, "kernel") == nullptr && !has_kernel_word(declaration)) {
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
      add_kernel_function(declaration, attributes);
    }
  }

  bool has_kernel_word(const Declaration& declaration) const {
    const auto [first, last] = declaration.specifiers;
    for (std::size_t i = first; i < last; i = syntax_.skip_element(i, last)) {
      if (syntax_.is(i, "kernel")) {
        return true;
      }
    }
    return false;
  }

  void read_helper(const Declaration& declaration) {
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

  void add_kernel_function(const Declaration& declaration,
                           const std::vector<Attribute>& attributes) {
    const std::size_t template_word = declaration.header.first;
    const bool is_specialisation = syntax_.is(template_word, "template") &&
                                   syntax_.is(template_word + 1, "<") &&
                                   syntax_.is(template_word + 2, ">");
    if (is_specialisation) {
      throw compile_error(syntax_.location(declaration.name_token),
                          fmt::format("the explicit specialisation of the kernel '{}' is not "
                                      "supported",
                                      declaration.qualified),
                          "choose inside of the template with if constexpr");
    }
    KernelFunction function = read_kernel_function(syntax_, declaration, ordinal_);
    for (Parameter& parameter : function.parameters) {
      if (!parameter.function_constant.empty()) {
        parameter.function_constant = resolve_constant(declaration.scope, parameter);
      }
    }
    const Attribute* host_name = find_attribute(attributes, "host_name");
    if (function.is_template && host_name != nullptr) {
      throw compile_error(function.location,
                          "host_name stands on a template, not on an instantiation of it");
    }
    if (!function.is_template) {
      Kernel kernel;
      kernel.name = host_name != nullptr ? string_argument(*host_name) : function.name;
      kernel.callable = function.name;
      kernel.scope = declaration.scope;
      kernel.function = module_.functions.size();
      kernel.max_total_threads_per_threadgroup = function.max_total_threads_per_threadgroup;
      kernel.location = function.location;
      module_.kernels.push_back(std::move(kernel));
    }
    module_.functions.push_back(std::move(function));
  }

  // The text of a string literal, or of several side by side, as macros write them.
  std::string string_argument(const Attribute& attribute) const {
    std::string text;
    for (std::size_t i = attribute.arguments.first; i < attribute.arguments.last; ++i) {
      const std::string_view literal = syntax_[i];
      const bool is_plain = literal.size() >= 2 && literal.front() == '"' &&
                            literal.back() == '"' && literal.find('\\') == std::string_view::npos;
      if (!is_plain) {
        text.clear();
        break;
      }
      text += literal.substr(1, literal.size() - 2);
    }
    if (text.empty()) {
      throw compile_error(syntax_.location(attribute.token),
                          fmt::format("the argument of '{}' is not a plain string", attribute.name),
                          "write [[host_name(\"name\")]]");
    }
    return text;
  }

  // Looks the name up as C++ does, from the innermost scope outwards.
  template <typename Match>
  static auto look_up(std::string scope, std::string_view name, Match match) {
    while (!scope.empty()) {
      if (auto found = match(fmt::format("{}::{}", scope, name))) {
        return found;
      }
      const std::size_t cut = scope.rfind("::");
      scope.erase(cut == std::string::npos ? 0 : cut);
    }
    return match(std::string(name.substr(name.substr(0, 2) == "::" ? 2 : 0)));
  }

  std::string resolve_constant(const std::string& scope, const Parameter& parameter) const {
    const auto found = look_up(scope, parameter.function_constant, [&](const std::string& name) {
      const auto it = std::find_if(
          module_.declarations.begin(), module_.declarations.end(), [&](const Declaration& d) {
            return d.kind == DeclarationKind::kVariable && d.qualified == name;
          });
      return it != module_.declarations.end() ? &*it : nullptr;
    });
    if (found == nullptr) {
      throw compile_error(parameter.location,
                          fmt::format("there is no function constant '{}' to enable '{}'",
                                      parameter.function_constant,
                                      parameter.name));
    }
    return found->qualified;
  }

  // template [[host_name("x")]] [[kernel]] void f<float, 4>(...);
  // template [[host_name("x")]] [[kernel]] decltype(f<float, 4>) f<float, 4>;
  void read_instantiation(const Declaration& declaration) {
    const std::size_t end = declaration.tokens.last - 1;
    std::size_t i = declaration.specifiers.first;
    i += syntax_.is(i, "extern") ? 2 : 1;
    const std::size_t first = i;
    while (i < end && (syntax_.is_attribute_list(i) || syntax_.is(i, "kernel"))) {
      i = syntax_.skip_element(i, end);
    }
    const std::vector<Attribute> attributes = read_attributes(syntax_, {first, i});
    const Attribute* host_name = find_attribute(attributes, "host_name");
    const bool is_kernel =
        find_attribute(attributes, "kernel") != nullptr || syntax_.contains({first, i}, "kernel");
    if (host_name == nullptr && !is_kernel) {
      return;
    }
    const Location location = syntax_.location(declaration.tokens.first);
    if (host_name == nullptr) {
      throw compile_error(location,
                          "the kernel's instantiation has no host_name",
                          "write template [[host_name(\"name\")]] [[kernel]] ...");
    }
    const bool is_decltype = syntax_.is(i, "decltype") && syntax_.is(i + 1, "(");
    if (!is_decltype && !syntax_.is(i, "void")) {
      throw compile_error(location, "the kernel's instantiation does not return void");
    }
    i = is_decltype ? syntax_.match(i + 1) + 1 : i + 1;
    const std::size_t name = i;
    std::string written;  // without template arguments
    while (i < end && (syntax_.is_identifier(i) || syntax_.is(i, "::"))) {
      written += syntax_[i++];
    }
    const std::size_t angles_end = syntax_.is(i, "<") ? syntax_.skip_angles(i, end) : kNone;
    if (angles_end == kNone) {
      throw compile_error(location,
                          "the kernel's instantiation names no template arguments",
                          "write f<float> behind the return type");
    }
    add_instantiation(
        declaration, written, syntax_.join({i, angles_end}), attributes, syntax_.location(name));
  }

  void add_instantiation(const Declaration& declaration,
                         const std::string& written,
                         const std::string& arguments,
                         const std::vector<Attribute>& attributes,
                         const Location& location) {
    const KernelFunction* function =
        look_up(declaration.scope, written, [&](const std::string& name) {
          const auto it = std::find_if(
              module_.functions.begin(), module_.functions.end(), [&](const KernelFunction& f) {
                return f.is_template && f.name == name;
              });
          return it != module_.functions.end() ? &*it : nullptr;
        });
    if (function == nullptr) {
      throw compile_error(location, fmt::format("there is no kernel template '{}'", written));
    }
    Kernel kernel;
    kernel.name = string_argument(*find_attribute(attributes, "host_name"));
    kernel.callable = function->name + arguments;
    kernel.scope = declaration.scope;
    kernel.function = static_cast<std::size_t>(function - module_.functions.data());
    const Attribute* limit = find_attribute(attributes, "max_total_threads_per_threadgroup");
    kernel.max_total_threads_per_threadgroup = limit != nullptr
                                                   ? syntax_.join(limit->arguments)
                                                   : function->max_total_threads_per_threadgroup;
    kernel.location = location;
    module_.kernels.push_back(std::move(kernel));
    module_.instantiations.push_back(declaration.tokens);
    handled_.push_back(declaration.tokens);
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

  void read_attribute_lists() {
    std::sort(handled_.begin(), handled_.end(), [](const TokenRange& a, const TokenRange& b) {
      return a.first < b.first;
    });
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      if (!syntax_.is_attribute_list(i)) {
        continue;
      }
      AttributeList list{{i, syntax_.match(i) + 1}, false};
      const bool handled = is_handled(i);
      for (const Attribute& attribute : read_attribute_list(syntax_, i)) {
        const bool is_metal = is_metal_attribute(attribute.name);
        if (is_cpp_attribute(attribute.name) || (is_metal && handled)) {
          list.is_metal = list.is_metal || is_metal;
          continue;
        }
        throw compile_error(syntax_.location(attribute.token),
                            fmt::format("the attribute '{}' {}",
                                        attribute.name,
                                        is_metal ? "has no meaning here" : "is not supported"));
      }
      i = list.tokens.last - 1;
      module_.attributes.push_back(list);
    }
  }

  void check_words() const {
    std::set<std::string_view> own;  // types of the source hide those of metal_stdlib
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kType) {
        own.insert(declaration.name);
      }
    }
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      const std::string_view word = syntax_[i];
      if (one_of(kUnsupportedKeywords, word) || (names_metal_type(i) && own.count(word) == 0)) {
        throw compile_error(syntax_.location(i), fmt::format("'{}' is not supported", word));
      }
    }
  }

  bool names_metal_type(std::size_t i) const {
    if (syntax_.is(i - 1, ".") || syntax_.is(i - 1, "->") || !syntax_.is_identifier(i)) {
      return false;
    }
    const std::string_view word = syntax_[i];
    const bool declares =
        syntax_.is_identifier(i + 1) || syntax_.is(i + 1, "&") || syntax_.is(i + 1, "*");
    return (one_of(kUnsupportedTemplates, word) && syntax_.is(i + 1, "<") &&
            syntax_.skip_angles(i + 1, syntax_.size()) != kNone) ||
           (one_of(kUnsupportedTypes, word) && declares);
  }

  Module& module_;
  Syntax syntax_;
  std::size_t ordinal_ = 0;
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
  Reader(module).run();
  return module;
}

}  // namespace ingot::msl
