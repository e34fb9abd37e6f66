#include "msl/analysis.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "msl/syntax.hpp"

namespace ingot::msl {
namespace {

using Names = std::map<std::string_view, std::string>;

// Spells the parts of a function or of a class's specialisation as they read without address spaces
// and with its own names (template parameters, parameters) numbered, so that two spellings of one
// thing become equal.
class Signature {
 public:
  Signature(const Syntax& syntax, const Declaration& declaration)
      : syntax_(syntax), f_(declaration) {
    for (std::size_t i = f_.header.first; i < f_.header.last; ++i) {
      if (syntax_.is(i, "<")) {
        i = name_template_parameters(i);
      }
    }
    for (const TokenRange part : syntax_.split(f_.parameters)) {
      const Declarator declarator = declarator_of(part);
      if (declarator.name != kNone) {
        parameter_names_.insert(declarator.name);
        names_.emplace(syntax_[declarator.name], fmt::format("#{}", names_.size()));
      }
    }
  }

  // What a compiler tells overloads apart by. `spaces`: whether address spaces count.
  std::string key(bool spaces) const {
    std::string text = fmt::format("{}|{}|{}(",
                                   f_.qualified,
                                   spell(f_.header, spaces),
                                   spell(own_arguments(), spaces, Const::kOfConstant));
    for (const TokenRange part : syntax_.split(f_.parameters)) {
      text += parameter(part, spaces) + ",";
    }
    return text + ")" + spell(f_.qualifiers, spaces, Const::kKept);
  }

  // What the declaration says beyond that: result and body; a class's bases and body.
  std::string meaning() const {
    return f_.kind == DeclarationKind::kFunction
               ? spell(f_.specifiers, false) + spell(f_.body, false)
               : spell({own_arguments().last, f_.tokens.last}, false);
  }

 private:
  // What becomes of `const`. Left out of specifiers and bodies, so that constant T* and const
  // device T* are the same; in the arguments of a specialisation `constant` stands for it.
  enum class Const { kLeftOut, kKept, kOfConstant };

  std::size_t name_template_parameters(std::size_t open) {
    const std::size_t end = std::min(syntax_.skip_angles(open, f_.header.last), f_.header.last);
    for (const TokenRange part : syntax_.split({open + 1, end - 1})) {
      std::size_t name = kNone;
      for (std::size_t i = part.first; i < part.last && !syntax_.is(i, "=");
           i = syntax_.skip_element(i, part.last)) {
        name = syntax_.is_identifier(i) ? i : name;
      }
      if (name != kNone) {
        names_.emplace(syntax_[name], fmt::format("#{}", names_.size()));
      }
    }
    return end - 1;
  }

  Declarator declarator_of(TokenRange part) const {
    return syntax_.declarator(syntax_.skip_specifiers(part.first, part.last), part.last);
  }

  // The arguments of a specialisation, `f<float>` or `Class<device T*>`.
  TokenRange own_arguments() const {
    const std::size_t first = f_.name_token + 1;
    if (f_.kind == DeclarationKind::kFunction) {
      return {first, f_.parameters.first - 1};
    }
    const std::size_t after =
        syntax_.is(first, "<") ? syntax_.skip_angles(first, f_.tokens.last) : kNone;
    return {first, after == kNone ? first : after};
  }

  std::string parameter(TokenRange part, bool spaces) const {
    const std::size_t specifiers = syntax_.skip_specifiers(part.first, part.last);
    const std::size_t end = declarator_of(part).end;
    const bool is_const = syntax_.contains({part.first, specifiers}, "const") ||
                          syntax_.contains({part.first, specifiers}, "constant");
    return (is_const ? "const " : "") + spell({part.first, specifiers}, spaces) + " " +
           spell({specifiers, end}, spaces, Const::kKept);
  }

  std::string spell(TokenRange range, bool spaces, Const constness = Const::kLeftOut) const {
    std::string text;
    for (std::size_t i = range.first; i < range.last; ++i) {
      const std::string_view word = syntax_[i];
      if (syntax_.is_attribute_list(i)) {
        i = syntax_.match(i);
      } else if (word == "constant" && constness == Const::kOfConstant) {
        text += spaces ? "constant " : "const ";
      } else if (parameter_names_.count(i) != 0 || (!spaces && is_address_space(word)) ||
                 (constness == Const::kLeftOut && (word == "const" || word == "constant"))) {
        continue;
      } else {
        const auto name = names_.find(word);
        text += name != names_.end() ? name->second : std::string(word);
        text += ' ';
      }
    }
    return text;
  }

  const Syntax& syntax_;
  const Declaration& f_;
  Names names_;
  std::set<std::size_t> parameter_names_;
};

struct Overload {
  const Declaration* declaration;
  std::string with_spaces;
};

std::vector<std::string_view> identifiers_of(std::string_view text) {
  const auto continues = [&](std::size_t i) {
    return std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_';
  };
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t begin = i;
    while (i < text.size() && continues(i)) {
      ++i;
    }
    if (i != begin) {
      found.push_back(text.substr(begin, i - begin));
    }
  }
  return found;
}

struct Reached {
  std::unordered_set<std::string_view> words;
  std::unordered_set<std::string_view> asked_about;  // by is_function_constant_defined
};

Reached reach(const Module& module, const Kernel& kernel) {
  const Syntax syntax(module.lexed);
  std::unordered_map<std::string_view, std::vector<TokenRange>> uses_of;
  std::vector<TokenRange> pending = {module.function(kernel).tokens};
  for (const Declaration& declaration : module.declarations) {
    // Operators and conversions are used without being named. Other members are used with their
    // class, whose tokens have them.
    if (declaration.name.rfind("operator", 0) == 0) {
      pending.push_back(declaration.tokens);
    } else if (!declaration.in_class) {
      uses_of[declaration.name].push_back(declaration.tokens);
    }
  }
  Reached reached;
  const auto add = [&](std::string_view word) {
    if (const auto found = uses_of.find(word);
        reached.words.insert(word).second && found != uses_of.end()) {
      pending.insert(pending.end(), found->second.begin(), found->second.end());
    }
  };
  // What the kernel's template is instantiated with.
  for (const std::string_view word : identifiers_of(kernel.callable)) {
    add(word);
  }
  while (!pending.empty()) {
    const TokenRange range = pending.back();
    pending.pop_back();
    for (std::size_t i = range.first; i < range.last; ++i) {
      if (syntax.is(i, "is_function_constant_defined") && syntax.is(i + 1, "(")) {
        reached.asked_about.insert(syntax[syntax.match(i + 1) - 1]);
        i = syntax.match(i + 1);
      } else if (syntax.is_identifier(i)) {
        add(syntax[i]);
      }
    }
  }
  return reached;
}

// A function, or a specialisation of a class template.
bool may_be_duplicate(const Syntax& syntax, const Declaration& declaration) {
  return declaration.kind == DeclarationKind::kFunction ||
         (declaration.kind == DeclarationKind::kType && !declaration.body.empty() &&
          !declaration.header.empty() && syntax.is(declaration.name_token + 1, "<"));
}

}  // namespace

std::vector<TokenRange> address_space_duplicates(const Module& module) {
  const Syntax syntax(module.lexed);
  std::unordered_map<std::string, std::vector<Overload>> overloads;
  std::vector<TokenRange> duplicates;
  for (const Declaration& declaration : module.declarations) {
    if (!may_be_duplicate(syntax, declaration)) {
      continue;
    }
    const Signature signature(syntax, declaration);
    std::vector<Overload>& others = overloads[signature.key(false)];
    const std::string with_spaces = signature.key(true);
    const auto twin = std::find_if(others.begin(), others.end(), [&](const Overload& o) {
      return o.with_spaces != with_spaces &&
             o.declaration->body.empty() == declaration.body.empty();
    });
    if (twin == others.end()) {
      others.push_back({&declaration, with_spaces});
      continue;
    }
    if (Signature(syntax, *twin->declaration).meaning() != signature.meaning()) {
      throw compile_error(
          syntax.location(declaration.name_token),
          fmt::format(
              "'{}' differs from the {} at {} in the address space of its arguments "
              "and in what it does",
              declaration.qualified,
              declaration.kind == DeclarationKind::kFunction ? "overload" : "specialisation",
              to_string(syntax.location(twin->declaration->name_token))),
          "give the two different names");
    }
    duplicates.push_back(declaration.tokens);
  }
  return duplicates;
}

std::unordered_set<std::string_view> words_reached(const Module& module, const Kernel& kernel) {
  return reach(module, kernel).words;
}

std::vector<const FunctionConstant*> required_constants(const Module& module,
                                                        const Kernel& kernel) {
  const auto [named, asked_about] = reach(module, kernel);
  std::vector<const FunctionConstant*> required;
  for (const FunctionConstant& constant : module.constants) {
    const std::size_t cut = constant.name.rfind("::");
    const std::string_view name =
        std::string_view(constant.name).substr(cut == std::string::npos ? 0 : cut + 2);
    if (named.count(name) != 0 && asked_about.count(name) == 0) {
      required.push_back(&constant);
    }
  }
  return required;
}

std::vector<bool> tokens_in_templates(const Module& module) {
  std::vector<bool> result(module.lexed.tokens.size(), false);
  for (const Declaration& declaration : module.declarations) {
    if (!declaration.header.empty()) {
      std::fill(result.begin() + static_cast<std::ptrdiff_t>(declaration.tokens.first),
                result.begin() + static_cast<std::ptrdiff_t>(declaration.tokens.last),
                true);
    }
  }
  return result;
}

}  // namespace ingot::msl
