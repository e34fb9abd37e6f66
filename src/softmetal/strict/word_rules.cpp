#include "softmetal/strict/word_rules.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "msl/syntax.hpp"
#include "softmetal/strict/problem.hpp"

namespace softmetal::strict {
namespace {
using ingot::msl::Declaration;
using ingot::msl::DeclarationKind;
using ingot::msl::Module;
using ingot::msl::Syntax;
using ingot::msl::TokenKind;

struct Word {
  std::string_view word;
  std::string_view rule;
  std::string_view message;
  std::string_view reason;
};
constexpr std::string_view kNoDouble = "the widest floating-point type of Metal is float";
constexpr std::string_view kNoExceptions = "Metal has no exceptions";
constexpr std::string_view kNoHeap = "a kernel has no heap";
constexpr Word kWords[] = {
    {"double", "double", "'double' is not supported in Metal", kNoDouble},
    {"__float128", "double", "'__float128' is not supported in Metal", kNoDouble},
    {"__int128", "wide-integer", "'__int128' is not supported in Metal", "use ulong2"},
    {"goto", "goto", "'goto' is not supported in Metal", "use a loop or a function"},
    {"asm", "asm", "inline assembly is not supported in Metal", ""},
    {"__asm__", "asm", "inline assembly is not supported in Metal", ""},
    {"__asm", "asm", "inline assembly is not supported in Metal", ""},
    {"new", "new", "'new' is not supported in Metal", kNoHeap},
    {"delete", "new", "'delete' is not supported in Metal", kNoHeap},
    {"throw", "exceptions", "'throw' is not supported in Metal", kNoExceptions},
    {"try", "exceptions", "'try' is not supported in Metal", kNoExceptions},
    {"typeid", "rtti", "'typeid' is not supported in Metal", "types have no names at run time"},
    {"dynamic_cast",
     "rtti",
     "'dynamic_cast' is not supported in Metal",
     "there are no virtual functions"},
    {"virtual", "virtual", "'virtual' is not supported in Metal", "Metal has no virtual functions"},
    {"register", "storage", "'register' is not supported in Metal", "leave it out"},
    {"thread_local",
     "storage",
     "'thread_local' is not supported in Metal",
     "a local variable is each thread's own"},
};

// A floating-point literal with the suffix of long double.
bool is_long_double(std::string_view number) {
  const bool is_hexadecimal = number.starts_with("0x") || number.starts_with("0X");
  return (number.ends_with('l') || number.ends_with('L')) &&
         number.find_first_of(is_hexadecimal ? ".pP" : ".eE") != std::string_view::npos;
}

constexpr std::string_view kOtherScalars[] = {
    "bool", "char", "uchar", "short", "int", "long", "ulong", "size_t", "half", "float", "bfloat"};

// Whether a built-in input is a position in the grid, or a size, rather than an index.
bool has_dimensions(std::string_view builtin) {
  return builtin.find("_position_in_") != std::string_view::npos ||
         builtin.ends_with("_per_grid") || builtin == "threads_per_threadgroup" ||
         builtin == "dispatch_threads_per_threadgroup" || builtin.starts_with("grid_");
}

class WordRules {
 public:
  explicit WordRules(const Module& module) : module_(module), syntax_(module.lexed) {}

  std::vector<Diagnostic> run() {
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      check_word(i);
    }
    for (const Declaration& declaration : module_.declarations) {
      check_declaration(declaration);
    }
    for (const ingot::msl::KernelFunction& kernel : module_.functions) {
      for (const ingot::msl::Parameter& parameter : kernel.parameters) {
        check_input(parameter);
      }
    }
    return std::move(problems_);
  }

 private:
  void check_word(std::size_t i) {
    const std::string_view word = syntax_[i];
    if (module_.lexed.tokens[i].kind == TokenKind::kNumber) {
      if (is_long_double(word)) {
        add(i, "double", "a literal of type long double", kNoDouble);
      }
      return;
    }
    if (word == "long" && syntax_.is(i + 1, "long")) {
      add(i, "wide-integer", "'long long' is not supported in Metal", "long has 64 bits");
      return;
    }
    const bool is_name = i > 0 && (syntax_.is(i - 1, ".") || syntax_.is(i - 1, "->") ||
                                   syntax_.is(i - 1, "operator"));
    const bool is_deleted_function = word == "delete" && i > 0 && syntax_.is(i - 1, "=");
    for (const Word& known : kWords) {
      if (word == known.word && !is_name && !is_deleted_function) {
        add(i, known.rule, std::string(known.message), known.reason);
      }
    }
  }

  void check_declaration(const Declaration& declaration) {
    if (declaration.kind == DeclarationKind::kFunction && declaration.qualified == "main") {
      add(declaration.name_token, "main", "a function is called 'main'", "choose another name");
    }
    // A member that belongs to the class and not to an object is a variable of program scope.
    if (declaration.kind == DeclarationKind::kVariable && declaration.in_class &&
        syntax_.contains(declaration.specifiers, "static") &&
        !syntax_.contains(declaration.specifiers, "constant")) {
      add(declaration.name_token,
          "program-scope",
          "the static member '" + declaration.qualified + "' is not in the constant address space",
          "declare it as static constant");
    }
  }

  // Types that are not known here, a template's parameter for example, pass.
  void check_input(const ingot::msl::Parameter& parameter) {
    if (parameter.binding.kind != ingot::msl::BindingKind::kBuiltin) {
      return;
    }
    std::string_view type = parameter.type;
    if (type.starts_with("const ")) {
      type.remove_prefix(6);
    }
    const bool is_vector = type.ends_with('2') || type.ends_with('3') || type.ends_with('4');
    const std::string_view scalar = type.substr(0, type.size() - (is_vector ? 1 : 0));
    const bool is_known = std::find(std::begin(kOtherScalars), std::end(kOtherScalars), scalar) !=
                          std::end(kOtherScalars);
    const bool is_unsigned = scalar == "uint" || scalar == "ushort";
    const bool too_long =
        type.ends_with('4') || (is_vector && !has_dimensions(parameter.binding.builtin));
    if (is_known || (is_unsigned && too_long)) {
      problems_.push_back(
          {{parameter.location.file, parameter.location.line, parameter.location.column},
           Severity::kError,
           "argument-type",
           fmt::format("type '{}' is not valid for attribute '{}'",
                       parameter.type,
                       parameter.binding.builtin),
           "write ushort or uint, and for positions and sizes perhaps a vector of "
           "two or three"});
    }
  }

  void add(std::size_t token, std::string_view rule, std::string message, std::string_view reason) {
    problems_.push_back(problem(module_, token, rule, std::move(message), reason));
  }

  const Module& module_;
  Syntax syntax_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

std::vector<Diagnostic> check_words(const Module& module) {
  return WordRules(module).run();
}

}  // namespace softmetal::strict
