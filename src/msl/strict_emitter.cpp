#include "msl/strict_emitter.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "msl/edits.hpp"
#include "msl/literals.hpp"
#include "msl/swizzles.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {
namespace {

// Two subspaces of OpenCL's generic one that do not convert to each other, except that a pointer to
// `device` becomes one to `constant`: variables of program scope have to be __global.
constexpr std::string_view kDevice = "__attribute__((opencl_global_device))";
constexpr std::string_view kConstant = "const __global";

constexpr std::array<std::string_view, 9> kOpenClWords = {"global",
                                                          "local",
                                                          "generic",
                                                          "pipe",
                                                          "read_only",
                                                          "write_only",
                                                          "read_write",
                                                          "vec_step",
                                                          "addrspace_cast"};

class StrictEmitter {
 public:
  explicit StrictEmitter(const Module& module)
      : module_(module), syntax_(module.lexed), edits_(module.lexed) {}

  StrictText run() {
    for (const FunctionConstant& constant : module_.constants) {
      edits_.replace(constant.attribute, "= {}");
    }
    for (const KernelFunction& function : module_.functions) {
      rewrite_kernel(function);
    }
    find_classes();
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kFunction) {
        rewrite_method(declaration);
      }
    }
    for (const std::size_t swizzle : swizzles_read_in_templates(module_, syntax_)) {
      edits_.replace(swizzle, std::string(syntax_[swizzle]) + ".as_vec()");
    }
    for (const Declaration& declaration : module_.declarations) {
      rewrite_function_parameters(declaration.header);
    }
    rewrite_words();
    result_.text = edits_.apply();
    result_.offsets = edits_.offsets();
    read_lines();
    return std::move(result_);
  }

 private:
  void rewrite_kernel(const KernelFunction& function) {
    for (const ThreadgroupDeclaration& declaration : function.threadgroup) {
      std::string text;
      for (const ThreadgroupVariable& variable : declaration.variables) {
        text += fmt::format(
            "typedef {1} softmetal_tg_{0}{2}; __local softmetal_tg_{0}& {3} = "
            "::softmetal::threadgroup_variable<softmetal_tg_{0}>(); enum {{ {4}{0} = "
            "sizeof(softmetal_tg_{0}) }};",
            variable.ordinal,
            variable.type,
            variable.suffix,
            variable.name,
            kBytesPrefix);
      }
      edits_.replace(declaration.tokens, text);
    }
  }

  void find_classes() {
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind == DeclarationKind::kType && !declaration.body.empty()) {
        classes_.insert(declaration.qualified);
      }
    }
    for (const Declaration& declaration : module_.declarations) {
      if (declaration.kind != DeclarationKind::kFunction) {
        continue;
      }
      if (syntax_.contains(declaration.specifiers, "static")) {
        static_functions_.insert(declaration.qualified);
      }
      if (syntax_.contains(declaration.qualifiers, "device")) {
        device_methods_.insert(method_key(declaration));
      }
    }
  }

  std::string method_key(const Declaration& method) const {
    return fmt::format("{} {}({}){}",
                       syntax_.join(method.header),
                       method.qualified,
                       syntax_.join(method.parameters),
                       syntax_.contains(method.qualifiers, "const") ||
                               syntax_.contains(method.qualifiers, "constant")
                           ? " const"
                           : "");
  }

  // The qualified name of the class that the function is a member of, or "".
  std::string class_of(const Declaration& function) const {
    const std::size_t cut = function.qualified.rfind("::" + function.name);
    const std::string scope = function.qualified.substr(0, cut == std::string::npos ? 0 : cut);
    const bool is_member = classes_.count(scope) != 0 &&
                           static_functions_.count(function.qualified) == 0 &&
                           !syntax_.contains(function.specifiers, "friend");
    return is_member ? scope : std::string();
  }

  // The dialect has temporary objects in no address space, so constructors are generic, and those
  // that differ in the object's alone become one.
  void rewrite_constructor(const Declaration& function) {
    bool has_space = false;
    for (std::size_t i = function.qualifiers.first; i < function.qualifiers.last; ++i) {
      if (is_address_space(syntax_[i])) {
        has_space = true;
        edits_.replace(i, "");
      }
    }
    if (has_space && !constructors_.insert(method_key(function)).second) {
      edits_.blank(function.tokens);
    }
  }

  // Metal's methods are for objects in thread memory unless they say otherwise. Those that only
  // read stay generic, for the sake of temporaries; whoever looks at the calls finds the misuse.
  void rewrite_method(const Declaration& function) {
    const std::string class_name = class_of(function);
    if (class_name.empty()) {
      return;
    }
    if (function.name.front() == '~' || class_name.ends_with("::" + function.name) ||
        class_name == function.name) {
      rewrite_constructor(function);
      return;
    }
    const bool is_const = syntax_.contains(function.qualifiers, "const");
    bool has_space = false;
    for (std::size_t i = function.qualifiers.first; i < function.qualifiers.last; ++i) {
      const std::string_view word = syntax_[i];
      if (!is_address_space(word)) {
        continue;
      }
      has_space = true;
      if (word == "constant" && device_methods_.count(method_key(function)) != 0) {
        edits_.blank(function.tokens);  // the dialect cannot tell it from the one for `device`
        return;
      }
      if (word == "device") {
        result_.device_methods.push_back(function.tokens);
      }
      edits_.replace(i,
                     word == "thread"        ? (is_const ? "" : "__private")
                     : word == "threadgroup" ? "__local"
                     : word == "device"      ? "__global"
                     : word == "constant"    ? (is_const ? "__global" : kConstant)
                                             : std::string_view());
    }
    if (!has_space && !is_const) {
      edits_.replace(function.parameters.last, ") __private");
    }
  }

  // template <void (*f)(int)>: the dialect takes functions as template arguments by reference
  // alone.
  void rewrite_function_parameters(TokenRange header) {
    for (std::size_t i = header.first; i < header.last; ++i) {
      if (syntax_.is(i, "(") && syntax_.is(i + 1, "*") && syntax_.is(syntax_.match(i) + 1, "(")) {
        edits_.replace(i + 1, "&");
      }
    }
  }

  void rewrite_words() {
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      const std::string_view word = syntax_[i];
      if (syntax_.is_attribute_list(i)) {
        rewrite_attributes(i);
        i = syntax_.match(i);
      } else if (edits_.is_edited(i)) {
        continue;
      } else if (word == "kernel" || word == "ray_data") {
        edits_.replace(i, "");
      } else if (word == "thread") {
        rewrite_thread(i);
      } else if (word == "threadgroup") {
        edits_.replace(i, "__local");
      } else if (word == "device") {
        edits_.replace(i, kDevice);
      } else if (word == "constant") {
        edits_.replace(i, kConstant);
      } else if (word == "is_function_constant_defined" && syntax_.is(i + 1, "(")) {
        edits_.replace({i, syntax_.match(i + 1) + 1}, "true");
      } else if (std::find(kOpenClWords.begin(), kOpenClWords.end(), word) != kOpenClWords.end()) {
        edits_.replace(i, std::string(word) + "_");
      } else if (module_.lexed.tokens[i].kind == TokenKind::kNumber) {
        if (const auto literal = cpp_literal(word)) {
          edits_.replace(i, *literal);
        }
      }
    }
  }

  // Only the attributes that clang is to judge stay.
  void rewrite_attributes(std::size_t list) {
    for (std::size_t i = list; i <= syntax_.match(list); ++i) {
      if (syntax_.is(i, "::")) {
        return;
      }
    }
    for (std::size_t i = list; i <= syntax_.match(list); ++i) {
      if (!edits_.is_edited(i)) {
        edits_.replace(i, "");
      }
    }
  }

  void rewrite_thread(std::size_t i) {
    std::size_t first = i;
    while (first > 0 && syntax_.is_identifier(first - 1)) {
      --first;
    }
    const std::size_t specifiers_end = syntax_.skip_specifiers(i, syntax_.size());
    const Declarator declarator = syntax_.declarator(specifiers_end, syntax_.size());
    const bool is_reference =
        syntax_.is(specifiers_end, "&") ||
        (syntax_.is(specifiers_end, "(") && syntax_.is(specifiers_end + 1, "&"));
    if (!is_reference || !syntax_.contains({first, specifiers_end}, "const")) {
      edits_.replace(i, "__private");
      return;
    }
    edits_.replace(i, "");
    result_.thread_references.insert(declarator.name != kNone ? declarator.name : declarator.end);
  }

  // Line markers and pragmas, which lie between tokens, are blanked.
  void read_lines() {
    std::string& text = result_.text;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      const std::size_t first = text.find_first_not_of(" \t", start);
      if (first < end && text[first] == '#') {
        std::fill(text.begin() + static_cast<std::ptrdiff_t>(start),
                  text.begin() + static_cast<std::ptrdiff_t>(end),
                  ' ');
      }
      result_.lines.push_back(start);
      start = end + 1;
    }
  }

  const Module& module_;
  Syntax syntax_;
  Edits edits_;
  StrictText result_;
  std::set<std::string> classes_;
  std::set<std::string> static_functions_;
  std::set<std::string> device_methods_;
  std::set<std::string> constructors_;
};

}  // namespace

std::size_t StrictText::token_at(std::size_t line, std::size_t column) const {
  const std::size_t start = line - 1 < lines.size() ? lines[line - 1] : text.size();
  const auto after = std::upper_bound(offsets.begin(), offsets.end(), start + column - 1);
  return after == offsets.begin() ? 0 : static_cast<std::size_t>(after - offsets.begin()) - 1;
}

StrictText emit_strict(const Module& module) {
  return StrictEmitter(module).run();
}

}  // namespace ingot::msl
