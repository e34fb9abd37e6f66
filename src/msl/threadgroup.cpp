#include "msl/threadgroup.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::msl {
namespace {

class ThreadgroupReader {
 public:
  ThreadgroupReader(const Syntax& syntax, TokenRange body, std::size_t& ordinal)
      : syntax_(syntax), body_(body), ordinal_(ordinal) {}

  std::vector<ThreadgroupDeclaration> run() {
    for (std::size_t i = body_.first; i < body_.last; ++i) {
      if (syntax_.is_attribute_list(i)) {
        i = syntax_.match(i);
      } else if (syntax_.is(i, "threadgroup") && i >= handled_) {
        read(i);
      }
    }
    return std::move(declarations_);
  }

 private:
  // The first token of the statement or bracket that `i` stands in.
  std::size_t statement_start(std::size_t i) const {
    while (i > body_.first) {
      const std::size_t before = i - 1;
      if (syntax_.is(before, ";") || syntax_.is(before, "{") || syntax_.is(before, "}") ||
          syntax_.opens(before)) {
        return i;
      }
      i = syntax_.match(before) != kNone ? syntax_.match(before) : before;
    }
    return i;
  }

  bool stands_among(TokenRange specifiers, std::size_t word) const {
    for (std::size_t i = specifiers.first; i < specifiers.last;
         i = syntax_.skip_element(i, specifiers.last)) {
      if (i == word) {
        return true;
      }
    }
    return false;
  }

  void read(std::size_t word) {
    std::size_t start = statement_start(word);
    std::size_t first = syntax_.skip_specifiers(start, body_.last);
    if (!stands_among({start, first}, word)) {
      start = word;
      first = syntax_.skip_specifiers(start, body_.last);
    }
    const std::size_t end = syntax_.find_semicolon(first, body_.last);
    if (!declares_variable(syntax_.declarator(first, end))) {
      reject_later_variables(first, end);
      return;
    }
    const bool own_statement =
        start > body_.first && !syntax_.is(start - 1, ")") &&
        (syntax_.is(start - 1, ";") || syntax_.is(start - 1, "{") || syntax_.is(start - 1, "}"));
    if (!own_statement || end >= body_.last) {
      throw compile_error(syntax_.location(word),
                          "a threadgroup variable is not declared in a statement of its own",
                          "write it as `threadgroup T name;` in the kernel's body");
    }
    if (syntax_.contains({start, first}, "alignas")) {
      throw compile_error(syntax_.location(word),
                          "alignas on a threadgroup variable is not supported",
                          "align the type instead");
    }
    declarations_.push_back(read_statement({start, first}, end));
    handled_ = end;
  }

  // A pointer into threadgroup memory is an ordinary variable, unless it is kept there itself.
  bool declares_variable(const Declarator& declarator) const {
    if (declarator.name == kNone) {
      return false;
    }
    return declarator.kind == ParameterKind::kValue ||
           syntax_.contains(declarator.prefix, "threadgroup");
  }

  // `threadgroup T *p = a, b;` declares a pointer and a threadgroup variable.
  void reject_later_variables(std::size_t i, std::size_t end) const {
    while (i < end) {
      const Declarator declarator = syntax_.declarator(i, end);
      if (declarator.name == kNone) {
        return;
      }
      if (declares_variable(declarator)) {
        throw compile_error(syntax_.location(declarator.name),
                            fmt::format("the threadgroup variable '{}' shares its declaration with "
                                        "a pointer",
                                        syntax_[declarator.name]),
                            "declare it in a statement of its own");
      }
      i = declarator.end;
      while (i < end && !syntax_.is(i, ",")) {
        if (syntax_.is(i, ")")) {
          return;
        }
        i = syntax_.skip_element(i, end);
      }
      ++i;
    }
  }

  ThreadgroupDeclaration read_statement(TokenRange specifiers, std::size_t end) {
    const std::vector<std::string_view> not_type = {"threadgroup", "static"};
    const std::string base = syntax_.join(specifiers, not_type);
    ThreadgroupDeclaration result;
    result.tokens = {specifiers.first, end + 1};
    for (std::size_t i = specifiers.last; i < end; ++i) {
      const Declarator declarator = syntax_.declarator(i, end);
      const std::string_view name = syntax_[declarator.name];
      if (!declares_variable(declarator) || syntax_.is(declarator.prefix.last, "(")) {
        throw compile_error(syntax_.location(i),
                            "pointers and threadgroup variables share a declaration",
                            "declare each threadgroup variable in a statement of its own");
      }
      if (declarator.end < end && !syntax_.is(declarator.end, ",")) {
        throw compile_error(
            syntax_.location(declarator.name),
            fmt::format("the threadgroup variable '{}' cannot have an initialiser", name),
            "assign to it in one thread, then call threadgroup_barrier");
      }
      ThreadgroupVariable variable;
      variable.name = name;
      variable.type = base + syntax_.join(declarator.prefix, address_spaces());
      variable.suffix = syntax_.join(declarator.suffix);
      variable.ordinal = ordinal_++;
      variable.location = syntax_.location(declarator.name);
      result.variables.push_back(std::move(variable));
      i = declarator.end;
    }
    return result;
  }

  const Syntax& syntax_;
  const TokenRange body_;
  std::size_t& ordinal_;
  std::size_t handled_ = 0;
  std::vector<ThreadgroupDeclaration> declarations_;
};

}  // namespace

std::vector<ThreadgroupDeclaration> read_threadgroup_variables(const Syntax& syntax,
                                                               TokenRange body,
                                                               std::size_t& ordinal) {
  return ThreadgroupReader(syntax, body, ordinal).run();
}

}  // namespace ingot::msl
